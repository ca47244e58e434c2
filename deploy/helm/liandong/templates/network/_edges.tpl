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
- to: {{- toYaml $policy.database.peers | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ $policy.database.port }}
{{- if include "liandong.usesBroker" . }}
- to: {{- toYaml $policy.amqp.peers | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ $policy.amqp.port }}
{{- end }}
{{- with include "liandong.asked" . }}
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
{{- $asked := .service }}
{{- range $asker, $roles := $values.graph.asks }}
{{- range $role, $targets := $roles }}
{{- if has $asked $targets }}
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
