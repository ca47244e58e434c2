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
- name: {{ $prefix }}_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ $service.database.existingSecret }}
      key: {{ $service.database.key }}
- name: {{ $prefix }}_AMQP_URL
  valueFrom:
    secretKeyRef:
      name: {{ $service.amqp.existingSecret }}
      key: {{ $service.amqp.key }}
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
{{- with include "liandong.asked" . }}
- name: {{ $prefix }}_SERVICE_TOKEN
  value: /run/liandong/token/service.token
{{- range splitList " " . }}
- name: {{ $prefix }}_{{ upper . }}_TARGET
  value: {{ include "liandong.name" (dict "root" $.root "service" .) }}.{{ $.root.Release.Namespace }}.svc:{{ $values.ports.grpc }}
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
