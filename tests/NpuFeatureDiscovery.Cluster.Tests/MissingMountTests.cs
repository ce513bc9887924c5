namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>What a Pod lacks stands in its /readyz and its log, with what to mount or to permit.</summary>
public sealed class MissingMountTests : InstallationTest
{
    private static readonly Dictionary<string, (string DaemonSet, string Container, int Port)> Agents = new()
    {
        ["nfd-feature-file"] = (FeatureDiscovery, "npu-feature-discovery", 6256),
        ["without-nfd"] = (FeatureDiscovery, "npu-feature-discovery", 6256),
        ["device-plugin"] = (Plugin, "device-plugin", 6255),
        ["metrics-exporter"] = (Exporter, "npu-metrics-exporter", 6254),
    };

    // Three at a time, since Pods take their time to go.
    [Test]
    [CancelAfter(Deadline)]
    public async Task A_missing_folder_of_the_kubelet_of_NFD_or_of_sysfs_is_told(CancellationToken token)
    {
        var host = await LabelledHostAsync(cards: 1, token);

        await Task.WhenAll(
            TellsAsync(host, "device-plugin", "/var/lib/kubelet/device-plugins", "mount it into the container", token),
            TellsAsync(host, "nfd-feature-file", $"{NfdFolder}/features.d", "mount it into this container", token),
            TellsAsync(host, "metrics-exporter", "/host/sys/class", "Mount the host's /sys/class there, read-only.", token));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Missing_devices_and_missing_pod_resources_are_told(CancellationToken token)
    {
        var host = await LabelledHostAsync(cards: 1, token);

        await Task.WhenAll(
            TellsAsync(host, "device-plugin", "/host/dev", "Mount the host's /dev there, read-only.", token),
            TellsAsync(host, "nfd-feature-file", "/host/sys/devices", "Mount the host's /sys/devices there, read-only.", token),
            TellsAsync(host, "metrics-exporter", "/var/lib/kubelet/pod-resources", "Mount it into the container, read-only", token));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_right_that_is_not_granted_is_told(CancellationToken token)
    {
        var host = await LabelledHostAsync(cards: 1, token);
        const string withoutRight = """
              - target: {kind: ClusterRoleBinding}
                patch: |-
                  apiVersion: rbac.authorization.k8s.io/v1
                  kind: ClusterRoleBinding
                  metadata: {name: every}
                  $patch: delete
            """;

        await Overlay("without-nfd", host, patches: withoutRight).ApplyAsync(token);

        await TellsAsync("without-nfd", "cannot patch resource \"nodes\"", token);
    }

    private async Task TellsAsync(NpuHost host, string overlay, string mountPath, string remedy, CancellationToken token)
    {
        await Overlay(overlay, host, $$"""
            containers:
              - name: {{Agents[overlay].Container}}
                volumeMounts: [{mountPath: {{mountPath}}, $patch: delete}]
            """).ApplyAsync(token);

        await TellsAsync(overlay, $"'{mountPath}", token);
        await TellsAsync(overlay, remedy, token);
    }

    private static async Task TellsAsync(string overlay, string words, CancellationToken token)
    {
        var (daemonSet, _, port) = Agents[overlay];
        using var client = new HttpClient { BaseAddress = new Uri($"http://{Cluster.Node}:{port}") };
        await Cluster.UntilAsync(() => GetAsync(client, "/readyz", token), answer => answer.Contains(words), token);

        // Only a scrape asks for Pods.
        await GetAsync(client, "/metrics", token);
        await Cluster.UntilAsync(() => LogAsync(daemonSet, token), log => log.Contains(words), token);
    }

    private static async Task<string> LogAsync(string daemonSet, CancellationToken token)
    {
        try
        {
            return await Cluster.KubectlAsync(["logs", "-n", Cluster.Namespace, $"daemonset/{daemonSet}"], token);
        }
        catch (InvalidOperationException exception)
        {
            // The container runs, and the API server is told later.
            return exception.Message;
        }
    }

    private static async Task<string> GetAsync(HttpClient client, string path, CancellationToken token)
    {
        try
        {
            using var answer = await client.GetAsync(path, token);
            return await answer.Content.ReadAsStringAsync(token);
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }
}
