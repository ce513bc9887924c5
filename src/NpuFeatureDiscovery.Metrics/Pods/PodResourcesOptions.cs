namespace NpuFeatureDiscovery.Metrics.Pods;

/// <summary>Where the kubelet is asked who holds which NPU, and for what.</summary>
public sealed class PodResourcesOptions
{
    /// <summary>The kubelet's socket. It is made anew at each start of the kubelet: so mount its folder, not the socket.</summary>
    /// <value>Default: <c>/var/lib/kubelet/pod-resources/kubelet.sock</c>.</value>
    public string SocketPath { get; set; } = "/var/lib/kubelet/pod-resources/kubelet.sock";

    /// <summary>Names of NPU resources; one that ends in <c>*</c> stands for all that begin so.</summary>
    /// <value>Default: those that FuriosaAI's device plugins have registered since 2021.</value>
    public IList<string> Resources { get; set; } = ["beta.furiosa.ai/npu", "alpha.furiosa.ai/npu", "furiosa.ai/*"];

    /// <summary>How long the kubelet may take to answer.</summary>
    /// <value>More than zero. Default: 2 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);
}
