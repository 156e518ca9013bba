{{/* A job of the operator's program: (dict "root" $ "name" NAME "hook" HOOK "deletes" POLICIES "args" ARGS). Hooks are made anew each time, with their rights. */}}
{{- define "damon.job" -}}
{{- $root := .root }}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "damon.labels" (list $root .name) | nindent 4 }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-weight: "10"
    helm.sh/hook-delete-policy: {{ .deletes }}
spec:
  backoffLimit: {{ .retries }}
  template:
    metadata:
      labels:
        {{- include "damon.labels" (list $root .name) | nindent 8 }}
    spec:
      serviceAccountName: {{ .name }}
      enableServiceLinks: false
      restartPolicy: Never
      securityContext:
        {{- include "damon.unprivilegedPod" $root | nindent 8 }}
      {{- with $root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
      - name: job
        image: {{ include "damon.image" (list $root $root.Values.operator.image) }}
        imagePullPolicy: {{ $root.Values.image.pullPolicy }}
        args:
          {{- toYaml .args | nindent 10 }}
        env:
        - name: POD_NAMESPACE
          valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
        resources:
          requests: {cpu: 10m, memory: 64Mi}
          limits: {memory: 256Mi}
        securityContext:
          {{- include "damon.unprivilegedContainer" $root | nindent 10 }}
      {{- with $root.Values.operator.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      # It runs for a minute, wherever there is room.
      tolerations:
      - operator: Exists
{{- end -}}

{{/* Annotations of what a job needs before it runs: (dict "hook" HOOK "deletes" POLICIES). */}}
{{- define "damon.jobNeeds" -}}
helm.sh/hook: {{ .hook }}
helm.sh/hook-weight: "0"
helm.sh/hook-delete-policy: {{ .deletes }}
{{- end -}}
