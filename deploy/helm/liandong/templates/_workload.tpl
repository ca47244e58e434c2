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
  {{- if not (dig "autoscaling" "enabled" false $role) }}
  replicas: {{ $role.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  {{- /* A slow start is not a failed rollout yet. */}}
  progressDeadlineSeconds: {{ add .root.Values.probes.startupSeconds 420 }}
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
      labels:
        {{- include "liandong.labels" . | nindent 8 }}
        liandong/scraped: "true"
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
{{- with include "liandong.priority" . }}
priorityClassName: {{ . }}
{{- end }}
terminationGracePeriodSeconds: {{ $role.terminationGracePeriodSeconds }}
{{- if not $ends }}
{{- with $role.topologySpread | default .root.Values.topologySpread }}
topologySpreadConstraints:
  {{- range . }}
  - {{ toYaml . | nindent 4 | trim }}
    labelSelector:
      matchLabels: {{- include "liandong.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}
{{- include "liandong.confined" . }}
{{- if and $ends (include "liandong.bringsServers" .root) }}
{{ include "liandong.waiting" . }}
{{- end }}
{{- if include "liandong.usesClock" . }}
{{ include "liandong.firstClock" . }}
{{- end }}
containers:
  - name: {{ .role }}
    image: {{ include "liandong.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: ["-m", "services.{{ .service }}", {{ .role | quote }}]
    env: {{- include "liandong.environment" . | nindent 6 }}
    securityContext: {{- include "liandong.powerless" . | nindent 6 }}
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

{{/* Who a pod runs as. */}}
{{- define "liandong.confined" }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{/* What no container may. */}}
{{- define "liandong.powerless" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The class of a role: one that is there, or the chart's own. */}}
{{- define "liandong.priority" -}}
{{- $role := include "liandong.role" . | fromYaml -}}
{{- $own := ternary (printf "%s-%s" (include "liandong.fullname" .root) .role) "" .root.Values.priorityClasses.create -}}
{{- $role.priorityClassName | default $own -}}
{{- end -}}

{{/* The first pod sets the clock to the machine's time; it is never seen half written. */}}
{{- define "liandong.firstClock" -}}
initContainers:
  - name: clock
    image: {{ include "liandong.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args:
      - -c
      - |
        import os, pathlib, tempfile
        clock = pathlib.Path("/var/lib/liandong/clock/clock.json")
        with tempfile.NamedTemporaryFile("w", dir=clock.parent) as draft:
            draft.write('{"offset_seconds": 0}')
            draft.flush()
            os.chmod(draft.name, 0o664)
            try:
                os.link(draft.name, clock)
            except FileExistsError:
                pass
    volumeMounts:
      - name: clock
        mountPath: /var/lib/liandong/clock
    securityContext: {{- include "liandong.powerless" . | nindent 6 }}
    resources:
      requests: { cpu: 10m, memory: 32Mi }
      limits: { memory: 64Mi }
{{- end -}}

{{/* A migration does not fail because servers that come with the release are still starting. */}}
{{- define "liandong.waiting" -}}
{{- $role := include "liandong.role" . | fromYaml -}}
initContainers:
  - name: wait
    image: {{ include "liandong.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args:
      - -c
      - |
        import os, socket, time, urllib.parse
        for name, port in {"DATABASE_URL": 5432, "AMQP_URL": 5672}.items():
            place = urllib.parse.urlsplit(os.environ["{{ upper .service }}_" + name])
            while True:
                try:
                    socket.create_connection((place.hostname, place.port or port), 5).close()
                    break
                except OSError as error:
                    print(name, error, flush=True)
                    time.sleep(2)
    env: {{- include "liandong.databaseUrl" . | nindent 6 }}
      {{- include "liandong.amqpUrl" . | nindent 6 }}
    securityContext: {{- include "liandong.powerless" . | nindent 6 }}
    resources: {{- toYaml $role.resources | nindent 6 }}
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
  failureThreshold: {{ divf .root.Values.probes.startupSeconds 5 | ceil | int }}
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
{{- if include "liandong.usesTls" . }}
- name: tls
  mountPath: /run/liandong/tls
  readOnly: true
{{- end }}
{{- if .root.Values.authorities.existingSecret }}
- name: authorities
  mountPath: /run/liandong/authorities
  readOnly: true
{{- end }}
{{- if include "liandong.usesClock" . }}
- name: clock
  mountPath: /var/lib/liandong/clock
{{- end }}
{{- if and (include "liandong.usesExchange" .) (eq .role "jobs") }}
- name: exchange
  mountPath: /var/lib/liandong/exchange
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
{{- if include "liandong.usesTls" . }}
- name: tls
  secret:
    secretName: {{ include "liandong.tlsSecret" . }}
    defaultMode: 0440
    items:
      - { key: tls.crt, path: tls.crt }
      - { key: tls.key, path: tls.key }
      - { key: ca.crt, path: ca.crt }
{{- end }}
{{- with $values.authorities }}
{{- if .existingSecret }}
{{ include "liandong.file" (dict "name" "authorities" "secret" .existingSecret "key" .key "path" "ca.crt") }}
{{- end }}
{{- end }}
{{- if include "liandong.usesClock" . }}
- name: clock
  persistentVolumeClaim:
    claimName: {{ include "liandong.clockClaim" .root }}
{{- end }}
{{- if and (include "liandong.usesExchange" .) (eq .role "jobs") }}
- name: exchange
  persistentVolumeClaim:
    claimName: {{ include "liandong.exchangeClaim" .root }}
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
