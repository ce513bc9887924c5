using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The Pods of samples/workloads as they can run on the cluster's node.</summary>
internal static class SampleWorkload
{
    /// <summary>A sample Pod with the image, the network and the size that the cluster's node has.</summary>
    public static string OnTheNode(string file)
    {
        var text = Replaced(SampleWorkloads.Read(file), "image: ubuntu:focal\n", "image: busybox:1\n");
        text = Replaced(text, "spec:\n  restartPolicy", "spec:\n  hostNetwork: true\n  restartPolicy");
        return text.Replace("cpu: \"4\"", "cpu: 10m", StringComparison.Ordinal)
            .Replace("memory: 8Gi", "memory: 16Mi", StringComparison.Ordinal);
    }

    public static string Replaced(string text, string was, string now)
    {
        Assert.That(text, Does.Contain(was));
        return text.Replace(was, now, StringComparison.Ordinal);
    }
}
