{{/* The Deployment of one role of one service. Takes root, service, role. */}}
{{- define "liandong.workload" -}}
{{- $role := include "liandong.role" . | fromYaml -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "liandong.name" . }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "liandong.labels" . | nindent 4 }}
spec:
  replicas: {{ $role.replicas }}
  revisionHistoryLimit: 5
  strategy:
    type: {{ $role.strategy }}
    {{- if eq $role.strategy "RollingUpdate" }}
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
    {{- end }}
  selector:
    matchLabels: {{- include "liandong.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "liandong.labels" . | nindent 8 }}
    spec: {{- include "liandong.pod" . | nindent 6 }}
{{- end -}}

{{/* The pod of any role, migrate included: what all of them are not allowed, and what each is given. */}}
{{- define "liandong.pod" -}}
{{- $role := include "liandong.role" . | fromYaml -}}
{{- $ends := eq .role "migrate" -}}
{{- $drain := dig "DRAIN_S" .root.Values.settings.DRAIN_S (index .root.Values.services .service).settings -}}
{{- $pause := dig "preStopSeconds" 0 $role -}}
{{- if and (eq .role "api") (le (int $role.terminationGracePeriodSeconds) (add (int $drain) (int $pause))) -}}
{{- fail (printf "%s api: terminationGracePeriodSeconds must be longer than DRAIN_S and preStopSeconds together" .service) -}}
{{- end -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- if $ends }}
restartPolicy: Never
{{- else }}
serviceAccountName: {{ include "liandong.name" (dict "root" .root "service" .service) }}
{{- end }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ $role.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: {{ .role }}
    image: {{ printf "%s:%s" .root.Values.image.repository (.root.Values.image.tag | default .root.Chart.AppVersion) | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: ["-m", "services.{{ .service }}", {{ .role | quote }}]
    env: {{- include "liandong.environment" . | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
    resources: {{- toYaml $role.resources | nindent 6 }}
    {{- if not $ends }}
    {{- include "liandong.ports" . | nindent 4 }}
    {{- include "liandong.probes" . | nindent 4 }}
    {{- end }}
    {{- if $pause }}
    lifecycle:
      preStop:
        exec:
          command: ["sleep", {{ toString $pause | quote }}]
    {{- end }}
    volumeMounts:
      - name: temporary
        mountPath: /tmp
      {{- include "liandong.mounts" . | nindent 6 }}
volumes:
  - name: temporary
    emptyDir:
      sizeLimit: 256Mi
  {{- include "liandong.volumes" . | nindent 2 }}
{{- end -}}

{{- define "liandong.ports" -}}
ports:
  {{- if eq .role "api" }}
  - name: grpc
    containerPort: {{ .root.Values.ports.grpc }}
  - name: health
    containerPort: {{ .root.Values.ports.health }}
  {{- if and .root.Values.carrier.url (eq .service "delivery") }}
  - name: callbacks
    containerPort: {{ .root.Values.carrier.callbackPort }}
  {{- end }}
  {{- end }}
  - name: metrics
    containerPort: {{ .root.Values.ports.metrics }}
{{- end -}}

{{/*
The start may wait a minute for the broker; after that a process that does not answer is replaced.
One whose broker is away is not ready, and starting it again would not help.
*/}}
{{- define "liandong.probes" -}}
startupProbe:
  {{- include "liandong.probe" (dict "root" .root "role" .role "path" "/healthz") | nindent 2 }}
  periodSeconds: 5
  failureThreshold: 36
readinessProbe:
  {{- include "liandong.probe" (dict "root" .root "role" .role "path" "/readyz") | nindent 2 }}
  periodSeconds: 5
  failureThreshold: 2
livenessProbe:
  {{- include "liandong.probe" (dict "root" .root "role" .role "path" "/healthz") | nindent 2 }}
  periodSeconds: 10
  failureThreshold: 6
{{- end -}}

{{/* Takes root, role, path; an api is asked by gRPC, on a port that is never full. */}}
{{- define "liandong.probe" -}}
{{- if eq .role "api" -}}
grpc:
  port: {{ .root.Values.ports.health }}
{{- else -}}
httpGet:
  path: {{ .path }}
  port: metrics
{{- end }}
timeoutSeconds: 3
{{- end -}}

{{/* Each process gets only the files it opens; migrate opens none. */}}
{{- define "liandong.mounts" -}}
{{- if eq .role "api" }}
- name: keyring
  mountPath: /run/liandong/keyring
  readOnly: true
{{- end }}
{{- if ne .role "migrate" }}
- name: keystore
  mountPath: /run/liandong/keystore
  readOnly: true
{{- end }}
{{- if include "liandong.asked" . }}
- name: token
  mountPath: /run/liandong/token
  readOnly: true
{{- end }}
{{- if eq .role "jobs" }}
- name: checkpoints
  mountPath: /var/lib/liandong/checkpoints
{{- end }}
{{- if include "liandong.usesBlobs" . }}
- name: blobs
  mountPath: /var/lib/liandong/blobs
{{- end }}
{{- end -}}

{{- define "liandong.volumes" -}}
{{- $values := .root.Values -}}
{{- $service := index $values.services .service -}}
{{- $role := include "liandong.role" . | fromYaml -}}
{{- if eq .role "api" }}
{{ include "liandong.file" (dict "name" "keyring" "secret" $values.keyring.existingSecret "key" $values.keyring.key "path" "keyring.json") }}
{{- end }}
{{- if ne .role "migrate" }}
{{ include "liandong.file" (dict "name" "keystore" "secret" $service.keystore.existingSecret "key" $role.keystoreKey "path" "keystore.json") }}
{{- end }}
{{- if include "liandong.asked" . }}
{{- $secret := required (printf "services.%s.serviceToken.existingSecret: it asks other services" .service) (dig "serviceToken" "existingSecret" "" $service) }}
{{ include "liandong.file" (dict "name" "token" "secret" $secret "key" (printf "%s.token" .role) "path" "service.token") }}
{{- end }}
{{- if eq .role "jobs" }}
- name: checkpoints
  persistentVolumeClaim:
    claimName: {{ include "liandong.checkpointsClaim" . }}
{{- end }}
{{- if include "liandong.usesBlobs" . }}
- name: blobs
  persistentVolumeClaim:
    claimName: {{ include "liandong.blobsClaim" .root }}
{{- end }}
{{- end -}}

{{/* A volume with one file of a Secret, so that the others in it are not seen. */}}
{{- define "liandong.file" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    defaultMode: 0440
    items:
      - key: {{ .key }}
        path: {{ .path }}
{{- end -}}
