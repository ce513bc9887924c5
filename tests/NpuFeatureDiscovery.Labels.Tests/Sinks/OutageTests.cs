using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>An API server that is away for three minutes.</summary>
[TestFixture("fake")]
[TestFixture("real", Category = "Cluster")]
[CancelAfter(120_000)]
public sealed class OutageTests(string kind) : IAsyncDisposable
{
    /// <summary>A call that is refused is made again three times.</summary>
    private const int AttemptsOfCall = 4;

    private const int MaxCalls = 12;

    private static readonly TimeSpan Away = TimeSpan.FromMinutes(3);

    private IKubernetesServer _server = null!;
    private Outage _outage = null!;

    [SetUp]
    public async Task StartAsync()
    {
        var token = TestContext.CurrentContext.CancellationToken;
        _server = await ClusterSetUp.StartAsync(kind, token);
        _outage = await Outage.PrepareAsync(_server, token);
        Assert.That(
            await _outage.StartAsync(await _server.AddAccountAsync(ApiRule.PatchNodes)), Is.EqualTo(PublishResult.Written));
    }

    public async ValueTask DisposeAsync()
    {
        if (_outage is not null)
            await _outage.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task What_changed_meanwhile_is_published_when_it_is_back_and_one_line_tells_of_its_absence()
    {
        var before = await _outage.Node.LabelsAsync();
        Assert.That(before, Does.Contain("beta.furiosa.ai/npu.count=1"));

        await _outage.BeginAsync();
        var attempts = _outage.Attempts;
        await _outage.AddCardAsync();
        await _outage.PassAsync(Away);
        var ends = _outage.Ends;
        Assert.That(ends, Has.Length.InRange(2, MaxCalls).And.All.Null);
        Assert.That(_outage.Attempts - attempts, Is.InRange(ends.Length, AttemptsOfCall * ends.Length));
        Assert.That(await _outage.Node.LabelsAsync(), Is.EqualTo(before));

        _outage.End();
        await _outage.UntilAsync(() => _outage.Ends.Contains(PublishResult.Written));

        Assert.That(await _outage.Node.LabelsAsync(), Does.Contain("beta.furiosa.ai/npu.count=2"));
        Assert.That(_outage.Log.Messages(LogLevel.Error), Has.Exactly(1).Items.And.Exactly(1).Contains("Connection refused"));
    }

    [Test]
    public async Task At_rest_nobody_notices()
    {
        await _outage.BeginAsync();
        var attempts = _outage.Attempts;
        await _outage.PassAsync(Away);
        _outage.End();
        await _outage.PassAsync(TimeSpan.FromMinutes(1));

        Assert.That(_outage.Ends, Has.Length.GreaterThan(1).And.All.EqualTo(PublishResult.Unchanged));
        Assert.That(_outage.Attempts, Is.EqualTo(attempts));
        Assert.That(_outage.Log.Messages(LogLevel.Error), Is.Empty);
    }

    [Test]
    public async Task A_resync_that_falls_into_it_is_made_up_for_when_it_is_back()
    {
        await _outage.BeginAsync();
        await _outage.UntilAsync(() => _outage.Ends.Contains(null));
        await _outage.Node.LabelAsync("beta.furiosa.ai/npu.count", null);
        _outage.End();

        await _outage.UntilAsync(() => _outage.Ends.Contains(PublishResult.Restored));

        Assert.That(await _outage.Node.LabelsAsync(), Does.Contain("beta.furiosa.ai/npu.count=1"));
    }
}
