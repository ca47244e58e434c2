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

{{/* Services that run here, joined by spaces: all of them in a district, intake alone elsewhere. Takes the root. */}}
{{- define "liandong.services" -}}
{{- if eq .Values.profile "district" -}}
{{- keys .Values.services | sortAlpha | join " " -}}
{{- else -}}
intake
{{- end -}}
{{- end -}}

{{/* Services that one role of one service asks and that run here, joined by spaces. */}}
{{- define "liandong.askedHere" -}}
{{- $here := splitList " " (include "liandong.services" .root) -}}
{{- $found := list -}}
{{- range dig .service .role list .root.Values.graph.asks -}}
{{- if has . $here }}{{ $found = append $found . }}{{ end -}}
{{- end -}}
{{- join " " $found -}}
{{- end -}}

{{/* Whether a role shows a certificate: whoever asks, and whoever is asked. "true" or empty. */}}
{{- define "liandong.usesTls" -}}
{{- if and (ne .root.Values.tls.mode "off") (or (eq .role "api") (include "liandong.asked" .)) -}}true{{- end -}}
{{- end -}}

{{/* Secret with the certificate of a service. Takes root, service. */}}
{{- define "liandong.tlsSecret" -}}
{{- if eq .root.Values.tls.mode "secrets" -}}
{{- (index .root.Values.services .service).tls.existingSecret -}}
{{- else -}}
{{- printf "%s-tls" (include "liandong.name" (dict "root" .root "service" .service)) -}}
{{- end -}}
{{- end -}}

{{/* Whether a process is told a clock that journeys steer. "true" or empty. */}}
{{- define "liandong.usesClock" -}}
{{- if and .root.Values.development.clock.enabled (ne .role "migrate") -}}true{{- end -}}
{{- end -}}

{{/* Whether batches for the provincial net are made, and this role must know of it. "true" or empty. */}}
{{- define "liandong.usesExchange" -}}
{{- if and .root.Values.storage.exchange.enabled (eq .service "intake") (has .role (list "api" "worker" "jobs")) -}}true{{- end -}}
{{- end -}}

{{/* Whether database or broker come with this release: then migrations wait for them. Takes the root. */}}
{{- define "liandong.bringsServers" -}}
{{- if or (ne .Values.postgresql.mode "external") (ne .Values.rabbitmq.mode "external") -}}true{{- end -}}
{{- end -}}

{{/* When migrations run: before anything else; where the servers come with the release, after these are made. */}}
{{- define "liandong.migrationHook" -}}
{{- ternary "post-install,pre-upgrade" "pre-install,pre-upgrade" (eq (include "liandong.bringsServers" .) "true") -}}
{{- end -}}

{{/* Whether what watches is wanted and known here. Takes the root. */}}
{{- define "liandong.isWatched" -}}
{{- $mode := .Values.monitoring.mode -}}
{{- if or (eq $mode "always") (and (eq $mode "auto") (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")) -}}true{{- end -}}
{{- end -}}

{{/* The image, as pods name it. Takes the root. */}}
{{- define "liandong.image" -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote -}}
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

{{/* Claim of the batches for the provincial net. Takes the root. */}}
{{- define "liandong.exchangeClaim" -}}
{{- .Values.storage.exchange.existingClaim | default (printf "%s-exchange" (include "liandong.name" (dict "root" . "service" "intake"))) -}}
{{- end -}}

{{/* Claim of the clock that journeys may steer. Takes the root. */}}
{{- define "liandong.clockClaim" -}}
{{- printf "%s-clock" (include "liandong.fullname" .) -}}
{{- end -}}

{{/* Claim of the files of the cases. Takes the root. */}}
{{- define "liandong.blobsClaim" -}}
{{- .Values.storage.blobs.existingClaim | default (printf "%s-blobs" (include "liandong.name" (dict "root" . "service" "intake"))) -}}
{{- end -}}
