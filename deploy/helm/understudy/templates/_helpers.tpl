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

{{/* "yes" in agreement mode kubernetes, with servers from the cluster and with the Gateway API, otherwise empty. */}}
{{- define "understudy.usesApi" -}}
{{- if or .Values.gatewayApi.enabled (eq .Values.application.understudy.agreement.mode "kubernetes") (include "understudy.endpoints" . | fromYaml).namespaces -}}yes{{- end -}}
{{- end -}}

{{/* Namespaces of the Services in which gateway.yaml finds servers: to "pods" if labels of Pods count there, else "". */}}
{{- define "understudy.endpoints" -}}
{{- $namespaces := dict -}}
{{- range $_, $pool := (include "understudy.gateway" . | fromYaml).pools -}}
{{- range $_, $server := $pool.servers -}}
{{- $url := toString $server.url -}}
{{- if regexMatch "^[A-Za-z]+[+][Kk]8[Ss]://" $url -}}
{{- $service := regexReplaceAll ":.*$" (regexReplaceAll "^[^/]*//" $url "") "" -}}
{{- $namespace := $.Release.Namespace -}}
{{- if contains "." $service -}}
{{- $namespace = regexReplaceAll "^[^.]*[.]" $service "" -}}
{{- end -}}
{{- if index $server "role-label" -}}
{{- $_ := set $namespaces $namespace "pods" -}}
{{- else if not (hasKey $namespaces $namespace) -}}
{{- $_ := set $namespaces $namespace "" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "namespaces" $namespaces | toYaml -}}
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
{{- if .Values.gatewayApi.enabled -}}
{{- $ports := dict -}}
{{- range (include "understudy.gatewayPorts" . | fromYaml).ports -}}
{{- $_ := set $ports (toString .port) (int .targetPort) -}}
{{- end -}}
{{- $ours := dict "enabled" true "controller-name" .Values.gatewayApi.controllerName "ports" $ports "service" (include "understudy.fullname" .) -}}
{{- $further := dict -}}
{{- range (include "understudy.gatewayPorts" . | fromYaml).services -}}
{{- $its := dict -}}
{{- range .ports -}}
{{- $_ := set $its (toString .port) (int .targetPort) -}}
{{- end -}}
{{- $_ := set $further .name $its -}}
{{- end -}}
{{- if $further -}}
{{- $_ := set $ours "services" $further -}}
{{- end -}}
{{- if .Values.gatewayApi.ingress.enabled -}}
{{- $_ := set $ours "ingress" true -}}
{{- end -}}
{{- with .Values.gatewayApi.namespaces -}}
{{- $_ := set $ours "namespaces" . -}}
{{- end -}}
{{- range $setting, $namespaces := dict "secrets" .Values.gatewayApi.secrets "config-maps" .Values.gatewayApi.configMaps -}}
{{- if and $namespaces (not (has "*" $namespaces)) -}}
{{- $_ := set $ours $setting $namespaces -}}
{{- end -}}
{{- end -}}
{{- $_ := set $settings.understudy "gateway-api" (merge $ours (default (dict) (index $settings.understudy "gateway-api"))) -}}
{{- end -}}
{{- if .Values.tls.secretName -}}
{{- $pem := dict "reload-on-update" true "keystore" (dict "certificate" "file:/run/secrets/understudy-tls/tls.crt" "private-key" "file:/run/secrets/understudy-tls/tls.key") -}}
{{- $tls := dict "server" (dict "port" .Values.tls.port "ssl" (dict "bundle" "web")) "understudy" (dict "http" (dict "port" .Values.application.server.port)) "spring" (dict "ssl" (dict "bundle" (dict "pem" (dict "web" $pem)))) -}}
{{- $settings = mustMergeOverwrite $settings $tls -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end -}}

{{/* Ports that Gateways may ask for, as the Service has them (name, port and targetPort), and further Services with
theirs: name, annotations and ports. */}}
{{- define "understudy.gatewayPorts" -}}
{{- $published := list -}}
{{- if .Values.gatewayApi.enabled -}}
{{- $taken := dict (toString .Values.application.server.port) "application.server.port" (toString .Values.application.management.server.port) "application.management.server.port" -}}
{{- if .Values.tls.secretName -}}
{{- $_ := set $taken (toString .Values.tls.port) "tls.port" -}}
{{- end -}}
{{- $first := dict "name" "" "ports" .Values.gatewayApi.ports -}}
{{- range $i, $service := prepend .Values.gatewayApi.services $first -}}
{{- $path := empty $service.name | ternary "gatewayApi.ports" (printf "gatewayApi.services[%d].ports" (sub $i 1)) -}}
{{- $ports := list -}}
{{- range $port := keys $service.ports | sortAlpha -}}
{{- $target := get $service.ports $port | int -}}
{{- if hasKey $taken (toString $target) -}}
{{- fail (printf "%s.%s: expected a port to listen on other than %d, which is that of %s" $path $port $target (get $taken (toString $target))) -}}
{{- end -}}
{{- $_ := set $taken (toString $target) (printf "%s.%s" $path $port) -}}
{{- $ports = append $ports (dict "name" (printf "tcp-gw-%s" $port) "port" (int $port) "targetPort" $target) -}}
{{- end -}}
{{- if hasKey $taken (printf "name %s" $service.name) -}}
{{- fail (printf "gatewayApi.services[%d].name: expected each name only once, found %s" (sub $i 1) $service.name) -}}
{{- end -}}
{{- $_ := set $taken (printf "name %s" $service.name) "" -}}
{{- $name := printf "%s-%s" (include "understudy.fullname" $) $service.name | trimSuffix "-" -}}
{{- $published = append $published (dict "name" $name "annotations" (default (dict) $service.annotations) "ports" $ports) -}}
{{- end -}}
{{- end -}}
{{- dict "ports" (empty $published | ternary (list) (first (default (list (dict)) $published)).ports) "services" (rest (default (list (dict)) $published)) | toYaml -}}
{{- end -}}

{{/* What Services for clients have in common. */}}
{{- define "understudy.serviceSpec" }}
  {{- if ne .Values.service.type "ClusterIP" }}
  type: {{ .Values.service.type }}
  {{- end }}
  {{- with .Values.service.externalTrafficPolicy }}
  externalTrafficPolicy: {{ . }}
  {{- end }}
  {{- with .Values.service.loadBalancerClass }}
  loadBalancerClass: {{ . | quote }}
  {{- end }}
  {{- with .Values.service.loadBalancerSourceRanges }}
  loadBalancerSourceRanges:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  selector:
    {{- include "understudy.selector" . | nindent 4 }}
{{- end -}}

{{/* Ports of the Service that Gateways have, so that the main listener has none: by their numbers. */}}
{{- define "understudy.gatewayPortNumbers" -}}
{{- $numbers := dict -}}
{{- range (include "understudy.gatewayPorts" . | fromYaml).ports -}}
{{- $_ := set $numbers (toString .port) (printf "gatewayApi.ports.%v" .port) -}}
{{- end -}}
{{- toYaml $numbers -}}
{{- end -}}

{{/* gateway.yaml, parsed, so that no other value repeats what stands there. */}}
{{- define "understudy.gateway" -}}
{{- $gateway := fromYaml .Values.gateway -}}
{{- with $gateway.Error -}}
{{- fail (printf "gateway: expected the YAML of a gateway.yaml: %s" .) -}}
{{- end -}}
{{- range $section := list "pools" "listeners" -}}
{{- $value := get $gateway $section | default dict -}}
{{- if not (kindIs "map" $value) -}}
{{- fail (printf "gateway: %s: expected a map by name, not %v" $section $value) -}}
{{- end -}}
{{- range $name, $each := $value -}}
{{- if not (kindIs "map" $each) -}}
{{- fail (printf "gateway: %s.%s: expected a section, not %v" $section $name $each) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $gateway -}}
{{- end -}}

{{/*
The listeners of gateway.yaml that the Service has, in the order of their names: name, targetPort (the listener's) and
port (the Service's). Names begin with the protocol, as service meshes expect it.
*/}}
{{- define "understudy.listeners" -}}
{{- $gateway := include "understudy.gateway" . | fromYaml -}}
{{- $listeners := $gateway.listeners | default dict -}}
{{- $taken := merge (include "understudy.gatewayPortNumbers" . | fromYaml) (dict (toString .Values.service.port) "service.port") -}}
{{- if .Values.tls.secretName -}}
{{- $taken = merge $taken (dict (toString .Values.service.tlsPort) "service.tlsPort") -}}
{{- end -}}
{{- range $name := keys .Values.service.listenerPorts | sortAlpha -}}
{{- if not (hasKey $listeners $name) -}}
{{- fail (printf "service.listenerPorts.%s: gateway.yaml has no listener %s, but: %s" $name $name (keys $listeners | sortAlpha | join ", " | default "none")) -}}
{{- end -}}
{{- end -}}
{{- $published := list -}}
{{- range $name := keys $listeners | sortAlpha -}}
{{- $listener := get $listeners $name -}}
{{- $given := toString $listener.port -}}
{{- $port := hasKey $.Values.service.listenerPorts $name | ternary (get $.Values.service.listenerPorts $name | int | toString) $given -}}
{{- if or (eq "0" $port) (regexMatch "^(127[.]|::1$)" (toString $listener.address)) -}}
{{- /* Not published. */ -}}
{{- else if not (regexMatch "^[1-9][0-9]{0,4}$" $given) -}}
{{- fail (printf "gateway: listeners.%s.port: expected a number from 1 to 65535, since Service and NetworkPolicy name it, not %q; without a port of the Service: service.listenerPorts.%s=0" $name $given $name) -}}
{{- else if hasKey $taken $port -}}
{{- fail (printf "service.listenerPorts.%s: expected a port other than %s, which is that of %s" $name $port (get $taken $port)) -}}
{{- else -}}
{{- $_ := set $taken $port (printf "the listener %s" $name) -}}
{{- $protocol := "http" -}}
{{- if or $listener.pool (index $listener "server-names") -}}
{{- $protocol = "tcp" -}}
{{- else if $listener.tls -}}
{{- $protocol = "https" -}}
{{- end -}}
{{- $published = append $published (dict "name" (printf "%s-%s" $protocol $name) "port" (int $port) "targetPort" (int $given)) -}}
{{- end -}}
{{- end -}}
{{- dict "ports" $published | toYaml -}}
{{- end -}}

{{/* The host of a URL, without brackets; all of it if it has a placeholder. */}}
{{- define "understudy.host" -}}
{{- if contains "${" (toString .) -}}
{{- . -}}
{{- else -}}
{{- $authority := regexReplaceAll "/.*$" (regexReplaceAll "^[A-Za-z0-9+]+://" (toString .) "") "" -}}
{{- if regexMatch "^[A-Za-z]+[+][Kk]8[Ss]://" (toString .) -}}
{{- $service := regexReplaceAll ":.*$" $authority "" -}}
{{- ternary (printf "%s.svc" $service) $service (contains "." $service) -}}
{{- else -}}
{{- regexReplaceAll ":[0-9]+$" $authority "" | trimPrefix "[" | trimSuffix "]" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* All hosts that gateway.yaml lets a replica connect to. */}}
{{- define "understudy.servers" -}}
{{- $gateway := include "understudy.gateway" . | fromYaml -}}
{{- $hosts := list -}}
{{- range $_, $pool := $gateway.pools -}}
{{- range $_, $server := $pool.servers -}}
{{- $hosts = append $hosts (include "understudy.host" $server.url) -}}
{{- with index $server "health-host" -}}
{{- $hosts = append $hosts (toString .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $defaults := index $gateway "pool-defaults" | default dict -}}
{{- range $pool := append (values ($gateway.pools | default dict)) $defaults -}}
{{- with $pool.health -}}
{{- with .agent -}}
{{- with .host -}}
{{- $hosts = append $hosts (toString .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $gateway.routes -}}
{{- if regexMatch "^(https?|wss?)://" (toString .uri) -}}
{{- $hosts = append $hosts (include "understudy.host" .uri) -}}
{{- end -}}
{{- end -}}
{{- with $gateway.dns -}}
{{- range .servers -}}
{{- $hosts = append $hosts (include "understudy.host" .) -}}
{{- end -}}
{{- end -}}
{{- dict "hosts" ($hosts | uniq | sortAlpha) | toYaml -}}
{{- end -}}

{{/* The hosts of etcd, as far as the values name them. */}}
{{- define "understudy.etcd" -}}
{{- $hosts := list -}}
{{- if eq .Values.application.understudy.agreement.mode "etcd" -}}
{{- with .Values.application.understudy.agreement.etcd -}}
{{- if kindIs "slice" .urls -}}
{{- range .urls -}}
{{- $hosts = append $hosts (include "understudy.host" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "hosts" ($hosts | uniq | sortAlpha) | toYaml -}}
{{- end -}}

{{/*
What a NetworkPolicy can select of hosts: namespaces, from names of Services; addresses; and others, of which the name
tells neither. Takes hosts and the namespace of names without a dot.
*/}}
{{- define "understudy.peers" -}}
{{- $namespaces := list -}}
{{- $addresses := list -}}
{{- $others := list -}}
{{- $namespace := .namespace -}}
{{- range .hosts -}}
{{- if regexMatch "^[0-9]+([.][0-9]+){3}$" . -}}
{{- $addresses = append $addresses (printf "%s/32" .) -}}
{{- else if regexMatch "^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$" . -}}
{{- $addresses = append $addresses (printf "%s/128" .) -}}
{{- else if regexMatch "^[A-Za-z0-9_-]+$" . -}}
{{- $namespaces = append $namespaces $namespace -}}
{{- else if regexMatch "^[^$]*[.][^.$]+[.]svc([.][^$]*)?$" . -}}
{{- $namespaces = append $namespaces (regexReplaceAll "^.*[.]([^.]+)[.]svc([.].*)?$" . "${1}") -}}
{{- else -}}
{{- $others = append $others . -}}
{{- end -}}
{{- end -}}
{{- dict "namespaces" ($namespaces | uniq | sortAlpha) "addresses" ($addresses | uniq | sortAlpha) "others" $others | toYaml -}}
{{- end -}}

{{/* An egress rule to these peers, at any port; nothing if there are none, as an empty rule would allow all. */}}
{{- define "understudy.egress" -}}
{{- $peers := include "understudy.peers" . | fromYaml -}}
{{- if .hosts -}}
- to:
    {{- range $peers.namespaces }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ . | quote }}
    {{- end }}
    {{- range $peers.addresses }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
    {{- if $peers.others }}
    # Anywhere but link-local addresses, where clouds hand out credentials.
    - namespaceSelector: {}
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [169.254.0.0/16]
    - ipBlock:
        cidr: "::/0"
        except: ["fe80::/10", "fd00:ec2::/32"]
    {{- end }}
{{- end -}}
{{- end -}}
