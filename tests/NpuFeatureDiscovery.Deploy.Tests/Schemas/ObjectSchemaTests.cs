namespace NpuFeatureDiscovery.Deploy.Tests.Schemas;

[CancelAfter(30_000)]
public sealed class ObjectSchemaTests
{
    private const string CronJob = """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: npu}
        spec:
          schedule: "0 12 * * *"
          jobTemplate:
            spec:
              template:
                spec:
                  restartPolicy: Never
                  containers:
                  - name: npu
                    resources: {limits: {cpu: 4, beta.furiosa.ai/npu: "1"} }
        """;

    private const string Budget = """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: npu, labels: {app: npu} }
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: npu} } }
        """;

    private const string Policy = """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: npu}
        spec:
          matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [nodes]}]}
          validations: [{expression: "true", reason: Forbidden}]
        """;

    private const string Binding = """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: npu}
        spec: {policyName: npu, validationActions: [Deny]}
        """;

    private const string Feature = """
        apiVersion: nfd.k8s-sigs.io/v1alpha1
        kind: NodeFeature
        metadata: {name: npu, labels: {nfd.node.kubernetes.io/node-name: node-1} }
        spec:
          labels: {beta.furiosa.ai/npu.count: "1"}
          features: {flags: {}, attributes: {}, instances: {furiosa.device: {elements: [{attributes: {index: "0"} }]} } }
        """;

    private const string Rule = """
        apiVersion: nfd.k8s-sigs.io/v1alpha1
        kind: NodeFeatureRule
        metadata: {name: npu}
        spec:
          rules:
          - name: npu
            labels: {example.com/npu: "true"}
            taints: [{key: example.com/npu, effect: NoSchedule}]
            matchFeatures: [{feature: pci.device, matchExpressions: {vendor: {op: In, value: [1ed2]} } }]
        """;

    private const string PodMonitor = """
        apiVersion: monitoring.coreos.com/v1
        kind: PodMonitor
        metadata: {name: npu}
        spec: {selector: {matchLabels: {app: npu} }, podMetricsEndpoints: [{port: metrics, interval: 15s}]}
        """;

    private const string ServiceMonitor = """
        apiVersion: monitoring.coreos.com/v1
        kind: ServiceMonitor
        metadata: {name: npu}
        spec: {selector: {}, endpoints: [{port: metrics, relabelings: [{sourceLabels: [a], targetLabel: b}]}]}
        """;

    private const string Alerts = """
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata: {name: npu}
        spec:
          groups:
          - name: npu
            rules:
            - {alert: Dead, expr: furiosa_npu_alive == 0, for: 5m, labels: {severity: warning} }
            - {record: "npu:count", expr: count(furiosa_npu_alive)}
        """;

    [TestCase(CronJob)]
    [TestCase(Budget)]
    [TestCase(Policy)]
    [TestCase(Binding)]
    [TestCase(Feature)]
    [TestCase(Rule)]
    [TestCase(PodMonitor)]
    [TestCase(ServiceMonitor)]
    [TestCase(Alerts)]
    public async Task What_the_reference_allows_is_right(string yaml, CancellationToken token)
    {
        var made = YamlFile.Parse(yaml).Single();

        Assert.That(ObjectSchema.IsKeptFor(made), Is.True);
        Assert.That(await ObjectSchema.ErrorsAsync(made, token), Is.Empty);
    }

    [TestCase(CronJob, "restartPolicy: Never", "restartPolicy: Always", "restartPolicy: NotInEnumeration")]
    [TestCase(CronJob, "restartPolicy: Never", "terminationGracePeriodSeconds: 1", "restartPolicy: PropertyRequired")]
    [TestCase(CronJob, "        resources", "    resources", "resources: NoAdditionalPropertiesAllowed")]
    [TestCase(CronJob, "\"0 12 * * *\"", "noon", "schedule: PatternMismatch")]
    [TestCase(CronJob, "cpu: 4", "cpu: four", "cpu: ")]
    [TestCase(Budget, "selector", "minAvailable: 1, selector", "spec: ExcludedSchemaValidates")]
    [TestCase(Budget, "app: npu} }", "app: true} }", "app: StringExpected")]
    [TestCase(Policy, "UPDATE", "PATCH", "operations[0]: NotInEnumeration")]
    [TestCase(Policy, "validations: [{", "messages: [{", "messages: NoAdditionalPropertiesAllowed")]
    [TestCase(Policy, "resourceRules: [{", "namespaceSelector: {}, resourceRule: [{", "resourceRules: PropertyRequired")]
    [TestCase(Binding, ", validationActions: [Deny]", "", "validationActions: PropertyRequired")]
    [TestCase(Feature, "node-name: node-1", "node: node-1", "node-name: PropertyRequired")]
    [TestCase(Feature, "furiosa.device", "furiosa.ai.device", "furiosa.ai.device: NoAdditionalPropertiesAllowed")]
    [TestCase(Rule, "op: In", "op: Is", "op: NotInEnumeration")]
    [TestCase(Rule, "key: example.com/npu", "key: npu", "key: PatternMismatch")]
    [TestCase(Rule, "pci.device", "pci", "feature: PatternMismatch")]
    [TestCase(PodMonitor, "interval: 15s", "interval: 15 s", "interval: PatternMismatch")]
    [TestCase(PodMonitor, "podMetricsEndpoints", "endpoints", "podMetricsEndpoints: PropertyRequired")]
    [TestCase(ServiceMonitor, "targetLabel: b", "target: b", "target: NoAdditionalPropertiesAllowed")]
    [TestCase(Alerts, "for: 5m", "for: ever", "for: PatternMismatch")]
    [TestCase(Alerts, "record:", "records:", "record: PropertyRequired")]
    public async Task What_it_does_not_allow_is_told_with_its_place(
        string yaml, string right, string wrong, string error, CancellationToken token)
    {
        Assert.That(yaml, Does.Contain(right));
        var made = YamlFile.Parse(yaml.Replace(right, wrong, StringComparison.Ordinal)).Single();

        Assert.That(await ObjectSchema.ErrorsAsync(made, token), Has.Some.Contains(error));
    }

    [TestCase("yes")]
    [TestCase("Off")]
    public void Text_that_is_a_boolean_to_kubectl_alone_is_refused_with_its_line(string text) => Assert.That(
        () => YamlJson.Convert(YamlFile.Parse($"a: b\nc: {text}").Single()),
        Throws.TypeOf<FormatException>().With.Message.StartsWith($"Line 2: '{text}'"));

    [TestCase("1", "1")]
    [TestCase("-1.5", "-1.5")]
    [TestCase("\"1\"", "\"1\"")]
    [TestCase("1.2.3", "\"1.2.3\"")]
    [TestCase("8Gi", "\"8Gi\"")]
    [TestCase("true", "true")]
    [TestCase("'true'", "\"true\"")]
    [TestCase("~", "null")]
    public void What_stands_without_quotation_marks_has_the_type_that_kubectl_gives_it(string yaml, string json) => Assert.That(
        YamlJson.Convert(YamlFile.Parse($"a: {yaml}").Single())!.ToJsonString(), Is.EqualTo($"{{\"a\":{json}}}"));
}
