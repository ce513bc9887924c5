namespace NpuFeatureDiscovery.Deploy.Tests.Helm;

/// <summary>Wrong values are refused before anything is installed, with their place and what is allowed.</summary>
[CancelAfter(60_000)]
public sealed class ValuesTests
{
    [TestCase("featureDiscovery.output=nfd",
        "at '/featureDiscovery/output': value must be one of 'file', 'node-feature', 'node', 'auto'")]
    [TestCase("nodes=here", "at '/nodes': value must be one of 'nfd', 'every', 'labelled'")]
    [TestCase("node=every", "additional properties 'node' not allowed")]
    [TestCase("metricsExporter.utilisation=true", "at '/metricsExporter': additional properties 'utilisation' not allowed")]
    [TestCase("devicePlugin.enabled=yes", "at '/devicePlugin/enabled': got string, want boolean")]
    [TestCase("devicePlugin.config.defaultPe=Quad",
        "at '/devicePlugin/config/defaultPe': value must be one of 'Fusion', 'Single'")]
    [TestCase("devicePlugin.config.interval=10s", "at '/devicePlugin/config/interval': got string, want integer")]
    [TestCase("devicePlugin.config.interval=0", "at '/devicePlugin/config/interval': minimum: got 0, want 1")]
    [TestCase("devicePlugin.config.registration=both",
        "at '/devicePlugin/config/registration': value must be one of 'classic', 'watcher', 'auto'")]
    [TestCase("devicePlugin.config.pluginDir=/tmp", "additional properties 'pluginDir' not allowed")]
    [TestCase("devicePlugin.config.disabledDevices[0].devName=npu0",
        "at '/devicePlugin/config/disabledDevices/0': missing property 'nodeName'")]
    [TestCase("image.tag=a b", "at '/image/tag': 'a b' does not match pattern")]
    [TestCase("image.pullPolicy=Sometimes", "at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'")]
    [TestCase("featureDiscovery.resources.limits.memory=64MB",
        "at '/featureDiscovery/resources/limits/memory': '64MB' does not match")]
    [TestCase("metricsExporter.extraArgs=--pod-labels", "at '/metricsExporter/extraArgs': got string, want array")]
    [TestCase("metricsExporter.profiles={watt}",
        "at '/metricsExporter/profiles/0': value must be one of 'sdk', 'base-units', 'current'")]
    [TestCase("tolerations[0].operator=Is", "at '/tolerations/0/operator': value must be one of 'Exists', 'Equal'")]
    [TestCase("cleanup.timeoutSeconds=5", "at '/cleanup/timeoutSeconds': minimum: got 5, want 30")]
    public async Task The_schema_refuses_a_value(string values, string words, CancellationToken token)
    {
        var result = await Chart.TemplateAsync(values, token);

        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Error, Does.Contain(words));
    }

    [TestCase("metricsExporter.profiles={sdk,current}", "profiles does not take sdk beside current")]
    [TestCase("metricsExporter.pods=false,metricsExporter.podLabels=true", "podLabels needs metricsExporter.pods")]
    [TestCase("devicePlugin.surge=true,devicePlugin.config.socketName=npu", "devicePlugin.surge needs a socket for each Pod")]
    [TestCase("legacyLabeller.enabled=true,featureDiscovery.output=node",
        "legacyLabeller.enabled does not go with featureDiscovery.output 'node'")]
    [TestCase("featureDiscovery.events=true", "featureDiscovery.events needs the API")]
    [TestCase("serviceMonitor.enabled=true,metricsExporter.enabled=false",
        "serviceMonitor.enabled needs metricsExporter.enabled")]
    [TestCase("featureDiscovery.enabled=false,devicePlugin.enabled=false,metricsExporter.enabled=false",
        "Nothing is left to install")]
    public async Task Values_that_contradict_each_other_are_refused_with_the_way_out(
        string values, string words, CancellationToken token)
    {
        var result = await Chart.TemplateAsync(values, token);

        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Error, Does.Contain(words).And.Match(": (set|leave) "));
    }

    [TestCase("1.19.16", "nodes=nfd", "chart requires kubeVersion: >=1.20.0-0")]
    [TestCase("1.24.17",
        "devicePlugin.surge=true", "devicePlugin.surge needs Kubernetes 1.25 or later, and this is v1.24.17: set it to false.")]
    [TestCase("1.29.1",
        "ownNodeOnly.enabled=true", "ownNodeOnly.enabled needs Kubernetes 1.30 or later, and this is v1.29.1: set it to false.")]
    public async Task What_a_cluster_is_too_old_for_is_refused(string version, string values, string words, CancellationToken token)
    {
        var result = await Chart.HelmAsync($"template npu {Chart.Folder} --kube-version {version} --set {values}", token);

        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Error, Does.Contain(words));
    }

    [TestCase("1.20.2", "nodes=nfd")]
    [TestCase("1.30.0-gke.100", "ownNodeOnly.enabled=true")]
    [TestCase("1.33.9",
        "imagePullSecrets[0].name=registry,serviceMonitor.enabled=true,serviceMonitor.tlsConfig.serverName=npu")]
    [TestCase("1.33.9", "image.tag=@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [TestCase("1.33.9", "global.imageRegistry=example.com,devicePlugin.resources.limits.cpu=2")]
    public async Task What_is_right_is_taken(string version, string values, CancellationToken token)
    {
        var result = await Chart.HelmAsync($"template npu {Chart.Folder} --kube-version {version} --set {values}", token);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
    }
}
