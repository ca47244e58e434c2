{{/* First part of all names. */}}
{{- define "liandong.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Name of what belongs to a service, or to one of its roles. Takes root, service and, optionally, role. */}}
{{- define "liandong.name" -}}
{{- list (include "liandong.fullname" .root) .service .role | compact | join "-" -}}
{{- end -}}

{{/* What all pods of this release have in common, and no others. Takes the root. */}}
{{- define "liandong.partOf" -}}
app.kubernetes.io/part-of: liandong
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What pods of one role of one service have, and no others. Takes root, service, role. */}}
{{- define "liandong.selector" -}}
{{ include "liandong.partOf" .root }}
app.kubernetes.io/name: {{ .service }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{/* Labels of everything; they may change between releases, selectors may not. Takes root and, optionally, service, role. */}}
{{- define "liandong.labels" -}}
{{ include "liandong.partOf" .root }}
{{- with .service }}
app.kubernetes.io/name: {{ . }}
{{- end }}
{{- with .role }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* Values of one role of one service: those of the role, and what the service says differently. As YAML. */}}
{{- define "liandong.role" -}}
{{- $service := index .root.Values.services .service -}}
{{- $common := deepCopy (index .root.Values.roles .role) -}}
{{- mergeOverwrite $common (deepCopy (dig .role dict $service.roles)) | toYaml -}}
{{- end -}}

{{/* Services that one role of one service asks, joined by spaces; empty for most. */}}
{{- define "liandong.asked" -}}
{{- dig .service .role list .root.Values.graph.asks | join " " -}}
{{- end -}}

{{/* Whether a role needs the broker: whoever publishes, takes in or declares. "true" or empty. */}}
{{- define "liandong.usesBroker" -}}
{{- if has .role (list "relay" "worker" "migrate") -}}true{{- end -}}
{{- end -}}

{{/* Whether a role opens the folder of files. "true" or empty. */}}
{{- define "liandong.usesBlobs" -}}
{{- if and (eq .service "intake") (has .role (list "api" "jobs")) -}}true{{- end -}}
{{- end -}}

{{/* Claim of the checkpoints of a service. */}}
{{- define "liandong.checkpointsClaim" -}}
{{- .root.Values.storage.checkpoints.existingClaim | default (printf "%s-checkpoints" (include "liandong.name" (dict "root" .root "service" .service))) -}}
{{- end -}}

{{/* Claim of the files of the cases. Takes the root. */}}
{{- define "liandong.blobsClaim" -}}
{{- .Values.storage.blobs.existingClaim | default (printf "%s-blobs" (include "liandong.name" (dict "root" . "service" "intake"))) -}}
{{- end -}}
