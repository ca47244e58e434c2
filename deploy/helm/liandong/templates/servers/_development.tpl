{{/* Labels of a server for development; it is no part of the release's own pods and their rules. Takes root, server. */}}
{{- define "liandong.developmentSelector" -}}
app.kubernetes.io/part-of: liandong-development
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/name: {{ .server }}
{{- end -}}

{{/* Name of a server for development. Takes root, server. */}}
{{- define "liandong.developmentName" -}}
{{- printf "%s-development-%s" (include "liandong.fullname" .root) .server -}}
{{- end -}}

{{/*
A single server, its service, and the rule that only the release's own pods reach it. Not for production.
Takes root, server, port, keeps (where it stores), writes (what else it writes to), env, probe, and, optionally, setUp.
*/}}
{{- define "liandong.developmentServer" -}}
{{- $name := include "liandong.developmentName" . -}}
{{- $values := index .root.Values.development .server -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "liandong.developmentSelector" . | nindent 4 }}
spec:
  selector: {{- include "liandong.developmentSelector" . | nindent 4 }}
  ports:
    - name: server
      port: {{ .port }}
      targetPort: server
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "liandong.developmentSelector" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "liandong.developmentSelector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector:
            matchLabels: {{- include "liandong.partOf" .root | nindent 14 }}
      ports:
        - protocol: TCP
          port: server
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "liandong.developmentSelector" . | nindent 4 }}
  annotations:
    liandong/purpose: development only, one server without a copy of its data
spec:
  replicas: 1
  serviceName: {{ $name }}
  selector:
    matchLabels: {{- include "liandong.developmentSelector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "liandong.developmentSelector" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      {{- include "liandong.confined" . | nindent 6 }}
      containers:
        - name: {{ .server }}
          image: {{ $values.image | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          {{- with .args }}
          args: {{- toYaml . | nindent 12 }}
          {{- end }}
          env: {{- toYaml .env | nindent 12 }}
          ports:
            - name: server
              containerPort: {{ .port }}
          startupProbe:
            tcpSocket: { port: server }
            periodSeconds: 5
            failureThreshold: 60
          readinessProbe:
            tcpSocket: { port: server }
            periodSeconds: 10
          securityContext: {{- include "liandong.powerless" . | nindent 12 }}
          resources:
            requests: { cpu: 100m, memory: 256Mi }
            limits: { memory: 1Gi }
          volumeMounts:
            - name: data
              mountPath: {{ .keeps }}
            {{- range $number, $path := .writes }}
            - name: writable-{{ $number }}
              mountPath: {{ $path }}
            {{- end }}
            {{- if .setUp }}
            - name: set-up
              mountPath: {{ .setUp }}
              readOnly: true
            {{- end }}
      volumes:
        {{- range $number, $path := .writes }}
        - name: writable-{{ $number }}
          emptyDir: {}
        {{- end }}
        {{- if .setUp }}
        - name: set-up
          configMap:
            name: {{ $name }}
        {{- end }}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: {{ $values.size }}
{{- end -}}
