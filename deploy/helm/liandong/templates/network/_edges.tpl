{{/* What one role of one service may reach. Takes root, service, role. */}}
{{- define "liandong.egress" -}}
{{- $values := .root.Values -}}
{{- $policy := $values.networkPolicy -}}
- to: {{- toYaml $policy.dns.peers | nindent 4 }}
  ports:
    - protocol: UDP
      port: {{ $policy.dns.port }}
    - protocol: TCP
      port: {{ $policy.dns.port }}
- to: {{- include "liandong.databasePeers" . | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ ternary $policy.database.port 5432 (eq $values.postgresql.mode "external") }}
{{- if include "liandong.usesBroker" . }}
- to: {{- include "liandong.brokerPeers" . | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ ternary $policy.amqp.port 5672 (eq $values.rabbitmq.mode "external") }}
{{- end }}
{{- if and (ne $values.profile "district") (include "liandong.asked" .) }}
- to: {{- required "networkPolicy.district.peers: a township or a village asks the district" $policy.district.peers | toYaml | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ $policy.district.port }}
{{- end }}
{{- with include "liandong.askedHere" . }}
- to:
    {{- range splitList " " . }}
    - podSelector:
        matchLabels: {{- include "liandong.selector" (dict "root" $.root "service" . "role" "api") | nindent 10 }}
    {{- end }}
  ports:
    - protocol: TCP
      port: {{ $values.ports.grpc }}
{{- end }}
{{- if and $values.carrier.url (eq .service "delivery") (eq .role "jobs") }}
- to: {{- toYaml $policy.carrier.peers | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ $policy.carrier.port }}
{{- end }}
{{- if and $policy.traces.peers (ne .role "migrate") }}
- to: {{- toYaml $policy.traces.peers | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ $policy.traces.port }}
{{- end }}
{{- end -}}

{{/* Where the database of a service is. */}}
{{- define "liandong.databasePeers" -}}
{{- if eq .root.Values.postgresql.mode "external" -}}
{{- toYaml .root.Values.networkPolicy.database.peers -}}
{{- else if eq .root.Values.postgresql.mode "cloudnativepg" -}}
- podSelector:
    matchLabels:
      cnpg.io/cluster: {{ include "liandong.name" (dict "root" .root "service" .service) }}-db
{{- else -}}
- podSelector:
    matchLabels: {{- include "liandong.developmentSelector" (dict "root" .root "server" "postgresql") | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* Where the broker is. */}}
{{- define "liandong.brokerPeers" -}}
{{- if eq .root.Values.rabbitmq.mode "external" -}}
{{- toYaml .root.Values.networkPolicy.amqp.peers -}}
{{- else if eq .root.Values.rabbitmq.mode "operator" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ include "liandong.fullname" .root }}-broker
{{- else -}}
- podSelector:
    matchLabels: {{- include "liandong.developmentSelector" (dict "root" .root "server" "rabbitmq") | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* Who may reach one role of one service; probes come from the node and need no rule. */}}
{{- define "liandong.ingress" -}}
{{- $values := .root.Values -}}
{{- with $values.networkPolicy.scrape.peers }}
- from: {{- toYaml . | nindent 4 }}
  ports:
    - protocol: TCP
      port: metrics
{{- end }}
{{- if eq .role "api" }}
{{- if $values.tests.enabled }}
- from:
    - podSelector:
        matchLabels: {{- include "liandong.selector" (dict "root" .root "service" "test" "role" "test") | nindent 10 }}
  ports:
    - protocol: TCP
      port: grpc
    - protocol: TCP
      port: health
{{- end }}
{{- $asked := .service }}
{{- $here := splitList " " (include "liandong.services" .root) }}
{{- range $asker, $roles := $values.graph.asks }}
{{- range $role, $targets := $roles }}
{{- if and (has $asked $targets) (has $asker $here) }}
- from:
    - podSelector:
        matchLabels: {{- include "liandong.selector" (dict "root" $.root "service" $asker "role" $role) | nindent 10 }}
  ports:
    - protocol: TCP
      port: grpc
{{- end }}
{{- end }}
{{- end }}
{{- if and $values.carrier.url (eq .service "delivery") }}
- from: {{- toYaml $values.networkPolicy.carrier.callers | nindent 4 }}
  ports:
    - protocol: TCP
      port: callbacks
{{- end }}
{{- with $values.networkPolicy.clients.peers }}
- from: {{- toYaml . | nindent 4 }}
  ports:
    - protocol: TCP
      port: grpc
{{- end }}
{{- end }}
{{- end -}}

{{/* The policy of one role of one service; `annotations` only for what runs before the release is there. */}}
{{- define "liandong.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "liandong.name" . }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "liandong.labels" . | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  podSelector:
    matchLabels: {{- include "liandong.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- if ne .role "migrate" }}
  {{- with include "liandong.ingress" . | trim }}
  ingress: {{- . | nindent 4 }}
  {{- end }}
  {{- end }}
  egress: {{- include "liandong.egress" . | nindent 4 }}
{{- end -}}
