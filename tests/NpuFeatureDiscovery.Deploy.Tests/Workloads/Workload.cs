using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Workloads;

/// <summary>An object of samples/workloads.</summary>
internal sealed record Workload(string File, YamlNode Object)
{
    public static Workload[] All { get; } =
    [
        .. SampleWorkloads.Files.SelectMany(file => Parse(file, SampleWorkloads.Read(file))),
        .. SampleWorkloads.PodsOfJenkinsfile.SelectMany(pod => Parse($"Jenkinsfile, {pod.Key}", pod.Value)),
    ];

    public static Workload[] WithPods { get; } = [.. All.Where(workload => workload.Template is not null)];

    public string Kind => (string)Object["kind"]!;

    /// <summary>What its Pods are made from: a node with metadata and spec; null for an object without Pods.</summary>
    public YamlNode? Template => Kind switch
    {
        "Pod" => Object,
        "Job" or "Deployment" => Object.At("spec", "template"),
        "CronJob" => Object.At("spec", "jobTemplate", "spec", "template"),
        _ => null,
    };

    public YamlNode Pod => Template!["spec"];

    public IEnumerable<YamlNode> Containers => Pod.At("initContainers").Items().Concat(Pod.At("containers").Items());

    /// <summary>For the names of tests.</summary>
    public override string ToString() => $"{File}, {Kind} {Object.At("metadata", "name").Text()}".TrimEnd();

    private static IEnumerable<Workload> Parse(string file, string text) => YamlFile.Parse(text).Select(made => new Workload(file, made));
}
