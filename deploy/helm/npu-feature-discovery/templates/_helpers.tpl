{{/* What Helm wants to be on every object. */}}
{{- define "npu.chartLabels" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The labels of an object that belongs to a DaemonSet: (list $ NAME). */}}
{{- define "npu.labels" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/part-of: npu-feature-discovery
{{- end }}

{{- define "npu.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Whether some Pod of the release writes to Nodes. */}}
{{- define "npu.hasAccount" -}}
{{- if or .Values.legacyLabeller.enabled (and .Values.featureDiscovery.enabled (ne .Values.featureDiscovery.output "file")) }}yes{{ end }}
{{- end }}

{{/* Whether some Pod of the release writes NodeFeature objects. */}}
{{- define "npu.hasFeatures" -}}
{{- if and .Values.featureDiscovery.enabled (has .Values.featureDiscovery.output (list "node-feature" "auto")) }}yes{{ end }}
{{- end }}

{{/* Whether there is something to take away at the end. */}}
{{- define "npu.hasCleanup" -}}
{{- if and .Values.cleanup.enabled (or .Values.featureDiscovery.enabled .Values.legacyLabeller.enabled) }}yes{{ end }}
{{- end }}

{{/* The annotations of what is there during the cleanup alone: (list $ WEIGHT). */}}
{{- define "npu.cleanupHook" -}}
helm.sh/hook: pre-delete
helm.sh/hook-weight: {{ index . 1 | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* One after the other, each ready before the next begins. */}}
{{- define "npu.update" -}}
updateStrategy:
  type: RollingUpdate
  rollingUpdate:
    maxUnavailable: 1
minReadySeconds: 5
{{- end }}

{{/* One after the other, the new one ready before the old one ends. */}}
{{- define "npu.surge" -}}
updateStrategy:
  type: RollingUpdate
  rollingUpdate:
    maxSurge: 1
    maxUnavailable: 0
minReadySeconds: 5
{{- end }}

{{- define "npu.nodeSelector" -}}
nodeSelector:
  kubernetes.io/os: linux
  kubernetes.io/arch: amd64
{{- end }}

{{/* Where the Pods run, and before whom. */}}
{{- define "npu.scheduling" -}}
priorityClassName: {{ .Values.priorityClassName }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{ include "npu.nodeSelector" . }}
{{- if eq .Values.nodes "labelled" }}
  furiosa: "true"
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/*
Whatever NFD is told about PCI labels (vendor alone, as the SDK's guide says, or class and vendor, its default), and where it gives
none, by our NodeFeatureRule.
*/}}
{{- define "npu.byNfd" -}}
{{- if eq .Values.nodes "nfd" }}
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        - matchExpressions:
            - {key: feature.node.kubernetes.io/pci-1ed2.present, operator: In, values: ["true"]}
        - matchExpressions:
            - {key: feature.node.kubernetes.io/pci-1200_1ed2.present, operator: In, values: ["true"]}
        - matchExpressions:
            - {key: feature.node.kubernetes.io/furiosa-npu, operator: In, values: ["true"]}
{{- end }}
{{- end }}

{{/* A check of /readyz is given up after 3 seconds. (list SCHEME), or an empty list. */}}
{{- define "npu.probes" -}}
readinessProbe:
  httpGet:
    path: /readyz
    port: metrics
    {{- range . }}
    scheme: {{ . }}
    {{- end }}
  periodSeconds: 5
  timeoutSeconds: 5
livenessProbe:
  httpGet:
    path: /livez
    port: metrics
    {{- range . }}
    scheme: {{ . }}
    {{- end }}
  initialDelaySeconds: 10
  timeoutSeconds: 5
{{- end }}

{{/* As a user, 0 for root, without a capability. */}}
{{- define "npu.security" -}}
securityContext:
  runAsUser: {{ . }}
  runAsGroup: {{ . }}
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: ["ALL"]
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "npu.nodeName" -}}
- name: NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
{{- end }}

{{/* As in the image's Dockerfile. The runtime would make a socket for debuggers in /tmp, and the root file system is read-only. */}}
{{- define "npu.runtime" -}}
- name: DOTNET_EnableDiagnostics
  value: "0"
- name: DOTNET_GCgen0size
  value: "100000"
{{- end }}

{{- define "npu.hostMounts" -}}
- {name: sys-bus, mountPath: /host/sys/bus, readOnly: true}
- {name: sys-class, mountPath: /host/sys/class, readOnly: true}
- {name: sys-devices, mountPath: /host/sys/devices, readOnly: true}
- {name: dev, mountPath: /host/dev, readOnly: true}
{{- end }}

{{/*
Not /sys whole: what is mounted in it, cgroups and debugging for instance, would be there too, and writable. The live folder /dev, so
that a card that is plugged in is seen. The devices themselves cannot be opened.
*/}}
{{- define "npu.hostVolumes" -}}
- {name: sys-bus, hostPath: {path: /sys/bus, type: Directory}}
- {name: sys-class, hostPath: {path: /sys/class, type: Directory}}
- {name: sys-devices, hostPath: {path: /sys/devices, type: Directory}}
- {name: dev, hostPath: {path: /dev, type: Directory}}
{{- end }}
