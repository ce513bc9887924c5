using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>A token that expires while the API server is away; a real one takes each for ten minutes at least.</summary>
[CancelAfter(60_000)]
public sealed class ExpiredTokenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task It_is_told_of_once_and_its_successor_is_used_as_soon_as_it_is_there(CancellationToken token)
    {
        await using var server = await FakeKubernetesApi.StartAsync(token);
        await using var outage = await Outage.PrepareAsync(server, token);
        var file = _folder.At("token");
        await File.WriteAllTextAsync(file, "first", token);
        server.AddToken("first", ApiRule.PatchNodes);
        await outage.StartAsync(server.ConfigurationOf($"tokenFile: {file}"));

        await outage.BeginAsync();
        await outage.AddCardAsync();
        await outage.UntilAsync(() => outage.Ends.Contains(null));
        server.RemoveToken("first");
        server.AddToken("second", ApiRule.PatchNodes);
        outage.End();
        await outage.PassAsync(TimeSpan.FromMinutes(3));
        Assert.That(outage.Ends, Has.All.Null);
        await File.WriteAllTextAsync(file, "second", token);
        await outage.UntilAsync(() => outage.Ends.Contains(PublishResult.Written));

        Assert.That(await outage.Node.LabelsAsync(), Does.Contain("beta.furiosa.ai/npu.count=2"));
        Assert.That(outage.Log.Messages(LogLevel.Error), Is.EqualTo(outage.Log.Messages(LogLevel.Error).Distinct())
            .And.Exactly(1).Contains("Connection refused").And.Exactly(1).Contains("does not accept the credentials"));
    }
}
