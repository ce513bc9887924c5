{{/* A container of feature discovery but for its name and arguments: (list $ USER). */}}
{{- define "npu.featureDiscoveryContainer" -}}
{{- $root := index . 0 -}}
image: {{ include "npu.image" $root }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
command: ["/usr/bin/npu-feature-discovery"]
env:
  {{- include "npu.nodeName" . | nindent 2 }}
  # By it the NodeFeature object finds its owner.
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  {{- include "npu.runtime" . | nindent 2 }}
resources:
  {{- toYaml $root.Values.featureDiscovery.resources | nindent 2 }}
{{ include "npu.security" (index . 1) }}
  runAsNonRoot: {{ ne (index . 1) 0 }}
volumeMounts:
  {{- if eq (index . 1) 0 }}
  - {name: features, mountPath: /etc/kubernetes/node-feature-discovery/features.d}
  {{- end }}
  {{- include "npu.hostMounts" . | nindent 2 }}
{{- end }}

{{- define "npu.featureDiscoveryVolumes" -}}
{{- if eq (index . 1) 0 }}
- {name: features, hostPath: {path: /etc/kubernetes/node-feature-discovery/features.d, type: DirectoryOrCreate}}
{{- end }}
{{ include "npu.hostVolumes" . }}
{{- end }}

{{- define "npu.featureDiscoveryPort" -}}
ports:
  - name: metrics
    containerPort: 6256
{{ include "npu.probes" list }}
{{- end }}
