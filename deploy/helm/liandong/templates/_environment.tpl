{{/*
Environment of one process: all that ServiceSettings requires, whatever the role, and what the role uses.
Addresses with passwords come from Secrets; keys and tokens are files, so that a new token needs no restart.
Takes root, service, role.
*/}}
{{- define "liandong.environment" -}}
{{- $values := .root.Values -}}
{{- $service := index $values.services .service -}}
{{- $prefix := upper .service -}}
{{- $settings := mergeOverwrite (deepCopy $values.settings) (deepCopy $service.settings) -}}
{{- $blind := and $values.networkPolicy.enabled (not $values.networkPolicy.traces.peers) -}}
{{- if and $settings.OTLP_ENDPOINT $blind -}}
{{- fail "networkPolicy.traces.peers: OTLP_ENDPOINT names a place that no process may reach" -}}
{{- end -}}
{{- range $name, $value := $settings }}
{{- if ne (toString $value) "" }}
- name: {{ $prefix }}_{{ $name }}
  value: {{ toString $value | quote }}
{{- end }}
{{- end }}
{{- include "liandong.databaseUrl" . }}
{{- include "liandong.amqpUrl" . }}
- name: {{ $prefix }}_KEYRING
  value: /run/liandong/keyring/keyring.json
- name: {{ $prefix }}_KEYSTORE
  value: /run/liandong/keystore/keystore.json
- name: {{ $prefix }}_CHECKPOINTS
  value: /var/lib/liandong/checkpoints
- name: {{ $prefix }}_ADDRESS
  value: "0.0.0.0:{{ $values.ports.grpc }}"
- name: {{ $prefix }}_HEALTH_ADDRESS
  value: "0.0.0.0:{{ $values.ports.health }}"
- name: {{ $prefix }}_METRICS_PORT
  value: {{ $values.ports.metrics | quote }}
{{- if include "liandong.usesBlobs" . }}
- name: {{ $prefix }}_BLOBS
  value: /var/lib/liandong/blobs
{{- end }}
{{- if include "liandong.usesExchange" . }}
- name: {{ $prefix }}_EXCHANGE
  value: /var/lib/liandong/exchange
{{- end }}
{{- if include "liandong.usesClock" . }}
{{- if ne $settings.PROFILE "demonstration" }}
{{- fail "development.clock: only settings.PROFILE demonstration may steer its clock" }}
{{- end }}
- name: {{ $prefix }}_CLOCK_CONTROL
  value: /var/lib/liandong/clock/clock.json
{{- end }}
{{- if include "liandong.usesTls" . }}
- name: {{ $prefix }}_TLS_CERT
  value: /run/liandong/tls/tls.crt
- name: {{ $prefix }}_TLS_KEY
  value: /run/liandong/tls/tls.key
- name: {{ $prefix }}_TLS_CA
  value: /run/liandong/tls/ca.crt
{{- end }}
{{- with include "liandong.asked" . }}
{{- $here := splitList " " (include "liandong.services" $.root) }}
- name: {{ $prefix }}_SERVICE_TOKEN
  value: /run/liandong/token/service.token
{{- range splitList " " . }}
- name: {{ $prefix }}_{{ upper . }}_TARGET
  {{- if has . $here }}
  value: {{ include "liandong.name" (dict "root" $.root "service" .) }}.{{ $.root.Release.Namespace }}.svc:{{ $values.ports.grpc }}
  {{- else }}
  value: {{ required (printf "link.targets.%s: intake asks it, and it runs in the district" .) (index $values.link.targets .) | quote }}
  {{- end }}
{{- end }}
{{- end }}
{{- if and $values.carrier.url (eq .service "delivery") }}
{{- if and $values.networkPolicy.enabled (not (and $values.networkPolicy.carrier.peers $values.networkPolicy.carrier.callers)) -}}
{{- fail "networkPolicy.carrier: carrier.url names a place that may not be reached, or that reaches nobody" -}}
{{- end }}
{{- if eq .role "api" }}
- name: DELIVERY_CALLBACK_PORT
  value: {{ $values.carrier.callbackPort | quote }}
- name: DELIVERY_CALLBACK_SALT
  valueFrom:
    secretKeyRef:
      name: {{ $values.carrier.secret.existingSecret }}
      key: {{ $values.carrier.secret.salt }}
{{- end }}
{{- if eq .role "jobs" }}
- name: DELIVERY_CARRIER_URL
  value: {{ $values.carrier.url | quote }}
- name: DELIVERY_CARRIER_CUSTOMER
  value: {{ $values.carrier.customer | quote }}
- name: DELIVERY_CARRIER_KEY
  valueFrom:
    secretKeyRef:
      name: {{ $values.carrier.secret.existingSecret }}
      key: {{ $values.carrier.secret.signs }}
{{- range $name, $value := $values.carrier.centre }}
{{- if $value }}
- name: DELIVERY_CENTRE_{{ upper $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq .service "intake" }}
{{- $where := "%s: intake does not start without knowing which site it is" }}
- name: INTAKE_DIVISION
  value: {{ required (printf $where "site.division") $values.site.division | quote }}
- name: INTAKE_SITE
  value: {{ required (printf $where "site.number") $values.site.number | quote }}
- name: INTAKE_SITE_UNIT
  value: {{ required (printf $where "site.unit") $values.site.unit | quote }}
- name: INTAKE_DUTY_WINDOW
  value: {{ required (printf $where "site.dutyWindow") $values.site.dutyWindow | quote }}
- name: INTAKE_REMINDER_DAYS
  value: {{ $values.site.reminderDays | quote }}
{{- end }}
{{- end -}}

{{/*
Address of the database of a service. A password never stands in a value: Kubernetes puts it into the address.
*/}}
{{- define "liandong.databaseUrl" -}}
{{- $service := index .root.Values.services .service -}}
{{- $prefix := upper .service -}}
{{- $mode := .root.Values.postgresql.mode }}
{{- if eq $mode "development" }}
- name: {{ $prefix }}_DATABASE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .root.Values.development.existingSecret }}
      key: {{ .root.Values.development.postgresql.key }}
- name: {{ $prefix }}_DATABASE_URL
  value: postgresql://liandong:$({{ $prefix }}_DATABASE_PASSWORD)@{{ include "liandong.fullname" .root }}-development-postgresql:5432/{{ .service }}
{{- else }}
- name: {{ $prefix }}_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ ternary (printf "%s-db-app" (include "liandong.name" (dict "root" .root "service" .service))) $service.database.existingSecret (eq $mode "cloudnativepg") }}
      key: {{ ternary "uri" $service.database.key (eq $mode "cloudnativepg") }}
{{- end }}
{{- end -}}

{{/* Address of the broker, as a service is told it. */}}
{{- define "liandong.amqpUrl" -}}
{{- $service := index .root.Values.services .service -}}
{{- $prefix := upper .service -}}
{{- $mode := .root.Values.rabbitmq.mode }}
{{- if eq $mode "development" }}
- name: {{ $prefix }}_AMQP_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .root.Values.development.existingSecret }}
      key: {{ .root.Values.development.rabbitmq.key }}
- name: {{ $prefix }}_AMQP_URL
  value: amqp://liandong:$({{ $prefix }}_AMQP_PASSWORD)@{{ include "liandong.fullname" .root }}-development-rabbitmq:5672
{{- else }}
- name: {{ $prefix }}_AMQP_URL
  valueFrom:
    secretKeyRef:
      name: {{ ternary (printf "%s-broker-default-user" (include "liandong.fullname" .root)) $service.amqp.existingSecret (eq $mode "operator") }}
      key: {{ ternary "connection_string" $service.amqp.key (eq $mode "operator") }}
{{- end }}
{{- end -}}
