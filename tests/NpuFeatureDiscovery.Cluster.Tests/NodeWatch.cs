using System.Diagnostics;
using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>Every state that the cluster's node goes through, as the API server tells it, and every one of a file meanwhile.</summary>
internal sealed class NodeWatch : IDisposable
{
    private const string Asked = """jsonpath={.metadata.labels}{"|"}{.status.capacity}{"|"}{.status.allocatable}{"\n"}""";

    private readonly CancellationTokenSource _ending = new();
    private readonly List<NodeState> _states = [];
    private readonly List<string> _files = [];
    private readonly Process _process;
    private readonly Task _reading;

    /// <param name="file">The file, which may be missing.</param>
    public NodeWatch(string file)
    {
        _process = Process.Start(new ProcessStartInfo("kubectl", ["get", "node", Cluster.Node, "--watch", "-o", Asked])
        {
            RedirectStandardOutput = true,
        })!;
        _reading = Task.WhenAll(ReadStatesAsync(), ReadFileAsync(file));
    }

    /// <summary>Ends, and tells what was seen: what was told of the node, and what the file held, <c>""</c> where it was missing.</summary>
    public async Task<(IReadOnlyList<NodeState> States, IReadOnlyList<string> Files)> EndAsync()
    {
        await _ending.CancelAsync();
        _process.Kill();
        await _reading;
        return (_states, _files);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();

        _process.Dispose();
        _ending.Dispose();
    }

    private async Task ReadStatesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            var parts = line.Split('|');
            var state = new NodeState(
                TimeProvider.System.GetTimestamp(), NodeLabels.Select(parts[0]), CountOf(parts[1]), CountOf(parts[2]));
            _states.Add(state);
        }
    }

    private async Task ReadFileAsync(string file)
    {
        while (!_ending.IsCancellationRequested)
        {
            var text = File.Exists(file) ? await File.ReadAllTextAsync(file, CancellationToken.None) : "";
            if (_files.LastOrDefault() != text)
                _files.Add(text);

            await Task.Delay(TimeSpan.FromMilliseconds(10), _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string CountOf(string resources) => (string?)JsonNode.Parse(resources)![NpuPod.Resource] ?? "";
}
