{{- define "understudy.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "understudy.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "understudy.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "understudy.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "understudy.selector" -}}
app.kubernetes.io/name: {{ include "understudy.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "understudy.labels" -}}
{{ include "understudy.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "understudy.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "understudy.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "understudy.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* "yes" in agreement mode kubernetes, otherwise empty. */}}
{{- define "understudy.usesApi" -}}
{{- if eq .Values.application.understudy.agreement.mode "kubernetes" -}}yes{{- end -}}
{{- end -}}

{{/*
application.yaml: the given settings, with those that TLS needs and the names of the management Service. An installation of another name agrees
under its own, so that two in one namespace do not share Leases.
*/}}
{{- define "understudy.application" -}}
{{- $settings := deepCopy .Values.application -}}
{{- if and (ne (include "understudy.fullname" .) "understudy") (ne .Values.application.understudy.agreement.mode "standalone") (not (hasKey .Values.application.understudy.agreement "name")) -}}
{{- $_ := set $settings.understudy.agreement "name" (include "understudy.fullname" .) -}}
{{- end -}}
{{- $service := printf "%s-management" (include "understudy.fullname" .) -}}
{{- $names := list $service (printf "%s.%s" $service .Release.Namespace) (printf "%s.%s.svc" $service .Release.Namespace) (printf "%s.%s.svc.cluster.local" $service .Release.Namespace) -}}
{{- $given := dig "admin" "hosts" (list) $settings.understudy -}}
{{- $_ := set $settings.understudy "admin" (merge (dict "hosts" (concat $names .Values.admin.hosts $given)) (default (dict) $settings.understudy.admin)) -}}
{{- if .Values.tls.secretName -}}
{{- $pem := dict "reload-on-update" true "keystore" (dict "certificate" "file:/run/secrets/understudy-tls/tls.crt" "private-key" "file:/run/secrets/understudy-tls/tls.key") -}}
{{- $tls := dict "server" (dict "port" .Values.tls.port "ssl" (dict "bundle" "web")) "understudy" (dict "http" (dict "port" .Values.application.server.port)) "spring" (dict "ssl" (dict "bundle" (dict "pem" (dict "web" $pem)))) -}}
{{- $settings = mustMergeOverwrite $settings $tls -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end -}}
