{{/* What is wrong with values that are each right by themselves, which a schema tells only in its own terms. */}}
{{- define "npu.contradictions" -}}
{{- if and .Values.legacyLabeller.enabled .Values.featureDiscovery.enabled (has .Values.featureDiscovery.output (list "node" "auto")) }}
{{- fail (printf "legacyLabeller.enabled does not go with featureDiscovery.output '%s', since both label the Node and take each other's labels away: set it to false, and featureDiscovery.extraArgs to [--profile=alpha,beta]." .Values.featureDiscovery.output) }}
{{- end }}
{{- if not (or .Values.featureDiscovery.enabled .Values.devicePlugin.enabled .Values.metricsExporter.enabled .Values.legacyLabeller.enabled) }}
{{- fail "Nothing is left to install: set enabled of featureDiscovery, devicePlugin, metricsExporter or legacyLabeller to true." }}
{{- end }}
{{- if and (has "sdk" .Values.metricsExporter.profiles) (has "current" .Values.metricsExporter.profiles) }}
{{- fail "metricsExporter.profiles does not take sdk beside current, which give one name two units: leave one of them out." }}
{{- end }}
{{- if and .Values.metricsExporter.podLabels (not .Values.metricsExporter.pods) }}
{{- fail "metricsExporter.podLabels needs metricsExporter.pods, by which the kubelet tells which Pods hold the cards: set both or neither to true." }}
{{- end }}
{{- if and .Values.featureDiscovery.enabled .Values.featureDiscovery.events (eq .Values.featureDiscovery.output "file") }}
{{- fail "featureDiscovery.events needs the API, and featureDiscovery.output is 'file', which has no access to it: set output to node, node-feature or auto, or events to false." }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled (not .Values.metricsExporter.enabled) }}
{{- fail "serviceMonitor.enabled needs metricsExporter.enabled: set both or neither to true." }}
{{- end }}
{{- if and .Values.devicePlugin.surge (semverCompare "<1.25-0" .Capabilities.KubeVersion.Version) }}
{{- fail (printf "devicePlugin.surge needs Kubernetes 1.25 or later, and this is %s: set it to false." .Capabilities.KubeVersion.Version) }}
{{- end }}
{{- if and .Values.devicePlugin.surge .Values.devicePlugin.config.socketName (not (contains "{pod}" (toString .Values.devicePlugin.config.socketName))) }}
{{- fail (printf "devicePlugin.surge needs a socket for each Pod, and devicePlugin.config.socketName is '%s': set it to a name with {pod} in it, or leave it out." .Values.devicePlugin.config.socketName) }}
{{- end }}
{{- if and .Values.ownNodeOnly.enabled (semverCompare "<1.30-0" .Capabilities.KubeVersion.Version) }}
{{- fail (printf "ownNodeOnly.enabled needs Kubernetes 1.30 or later, and this is %s: set it to false." .Capabilities.KubeVersion.Version) }}
{{- end }}
{{- end }}
