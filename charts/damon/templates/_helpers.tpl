{{/* Labels of every object: (list $ NAME). The name tells what kind of pod it is, or belongs to. */}}
{{- define "damon.labels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/part-of: damon
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What selects pods, and never changes: (list $ NAME). */}}
{{- define "damon.selector" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end -}}

{{/* An image: (list $ IMAGE), where IMAGE has name and digest. */}}
{{- define "damon.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ $root.Values.image.registry }}/{{ $image.name }}@{{ $image.digest }}
{{- else -}}
{{ $root.Values.image.registry }}/{{ $image.name }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "damon.metricsSecret" -}}
{{ .Values.metrics.existingSecret | default "damon-metrics" }}
{{- end -}}

{{- define "damon.metricsSecretKey" -}}
{{ if .Values.metrics.existingSecret }}{{ .Values.metrics.existingSecretKey }}{{ else }}token{{ end }}
{{- end -}}

{{/* What the operator and the jobs, which are the same program, may do on their node: nothing. */}}
{{- define "damon.unprivilegedPod" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "damon.unprivilegedContainer" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* The agent's rights, by profile and backends: the tables of docs/privileges.md. */}}
{{- define "damon.agentCapabilities" -}}
{{- $added := list "SYS_PTRACE" "DAC_READ_SEARCH" -}}
{{- if eq .Values.agent.securityProfile "standard" -}}
{{- $added = concat $added (list "SYS_NICE" "FOWNER") -}}
{{- end -}}
{{- if .Values.agent.backends.idlePage -}}
{{- $added = append $added "SYS_ADMIN" -}}
{{- end -}}
{{- if .Values.agent.backends.referenced -}}
{{- $added = append $added "DAC_OVERRIDE" -}}
{{- end -}}
{{- join ", " $added -}}
{{- end -}}
