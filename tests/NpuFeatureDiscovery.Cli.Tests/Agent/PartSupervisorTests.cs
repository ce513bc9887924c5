using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Agent;

[CancelAfter(30_000)]
public sealed class PartSupervisorTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly LogSink _log = new();
    private readonly ServiceProvider _services;
    private readonly ScriptedPart _part = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    public PartSupervisorTests()
    {
        _services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(_log))
            .AddSingleton<TimeProvider>(_time)
            .AddNpuEndpoint(endpoint => endpoint.Address = EndpointAddress.Parse("127.0.0.1:0"))
            .AddNpuDevices()
            .AddSingleton<SharedServices>().AddSingleton<AgentState>().AddSingleton<AgentMetrics>()
            .AddSingleton(new CurrentAgentConfiguration(new AgentConfiguration { Enable = [_part.Name] }, new()))
            .BuildServiceProvider();
        _running = new PartSupervisor(
            _part, Get<SharedServices>(), Configurations, Get<EndpointParts>(), State, Get<AgentMetrics>(), _time,
            Get<ILogger<PartSupervisor>>()).RunAsync(_stopping.Token);
    }

    private CurrentAgentConfiguration Configurations => Get<CurrentAgentConfiguration>();

    private AgentState State => Get<AgentState>();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _services.DisposeAsync();
        _stopping.Dispose();
        _log.Dispose();
    }

    [Test]
    public async Task A_part_that_fails_is_started_again(CancellationToken token)
    {
        var first = await NextAsync(token);

        first.Fail("it broke");
        await FailedAsync(token);
        Assert.That(State.Parts.Single(), Is.EqualTo(new PartState(_part.Name, _time.GetUtcNow(), State.Parts.Single().Failure, 0)));
        var second = await NextAsync(token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.IsStopped, Is.True);
            Assert.That(second, Is.Not.SameAs(first));
            Assert.That(_log.Messages(LogLevel.Error), Is.EqualTo(["Part scripted has failed, and is started again until it runs: it broke"]));
        }
    }

    [Test]
    public async Task A_part_that_cannot_start_is_tried_again_and_logged_once(CancellationToken token)
    {
        _part.StartFailure = "no such folder";
        (await NextAsync(token)).Fail("it broke");

        await AdvanceUntilAsync(() => _part.Attempts >= 5, token);
        _part.StartFailure = null;
        await NextAsync(token);

        Assert.That(_log.Messages(LogLevel.Error), Is.EqualTo(
        [
            "Part scripted has failed, and is started again until it runs: it broke",
            "Part scripted has failed, and is started again until it runs: no such folder",
        ]));
        Assert.That(State.Parts.Single().Restarts, Is.EqualTo(_part.Attempts - 1));
    }

    [Test]
    public async Task A_failure_after_a_good_run_is_news_again(CancellationToken token)
    {
        (await NextAsync(token)).Fail("it broke");
        var second = await NextAsync(token);
        await _log.WaitForAsync(entry => entry.Message == "Part scripted runs", token);
        _time.Advance(PartSupervisor.LongestWait);

        second.Fail("it broke");
        await NextAsync(token);

        Assert.That(_log.Messages(LogLevel.Error), Has.Exactly(2).Items);
    }

    [Test]
    public async Task Another_configuration_starts_it_at_once_however_long_it_was_to_wait(CancellationToken token)
    {
        _part.StartFailure = "no such folder";
        (await NextAsync(token)).Fail("it broke");
        await AdvanceUntilAsync(() => _part.Attempts >= 4, token);
        _part.StartFailure = null;

        Configurations.Set(Configurations.Value with { Label = ["--profile=alpha"] });

        await _part.Starts.Reader.ReadAsync(token);
    }

    [Test]
    public async Task A_part_that_takes_over_its_configuration_goes_on(CancellationToken token)
    {
        var run = await NextAsync(token);
        _part.Apply = () => true;

        Configurations.Set(Configurations.Value with { Label = ["--profile=alpha"] });
        await _log.WaitForAsync(entry => entry.EventName == "Applied", token);

        Assert.That((run.IsStopped, _part.Attempts), Is.EqualTo((false, 1)));
    }

    [Test]
    public async Task A_part_that_fails_to_take_over_its_configuration_is_started_anew(CancellationToken token)
    {
        var run = await NextAsync(token);
        _part.Apply = () => throw new IOException("no such folder");

        Configurations.Set(Configurations.Value with { Label = ["--profile=alpha"] });
        await NextAsync(token);

        Assert.That(run.IsStopped, Is.True);
        Assert.That(_log.Messages(LogLevel.Warning), Has.Some.Contains("could not take over its changed configuration: no such folder"));
    }

    [Test]
    public async Task The_configuration_of_another_part_is_no_matter(CancellationToken token)
    {
        var run = await NextAsync(token);

        Configurations.Set(Configurations.Value with { Metrics = ["--profile=current"] });
        Configurations.Set(Configurations.Value with { Label = ["--profile=alpha"] });
        await NextAsync(token);

        Assert.That((run.IsStopped, _part.Attempts), Is.EqualTo((true, 2)));
    }

    [Test]
    public async Task A_part_ends_with_the_supervisor(CancellationToken token)
    {
        var run = await NextAsync(token);

        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Assert.That(run.IsStopped, Is.True);
    }

    private T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    private async Task<ScriptedService> NextAsync(CancellationToken token)
    {
        ScriptedService? started = null;
        await AdvanceUntilAsync(() => _part.Starts.Reader.TryRead(out started), token);
        return started!;
    }

    private async Task FailedAsync(CancellationToken token)
    {
        while (State.Parts is not [{ IsRunning: false }])
        {
            token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task AdvanceUntilAsync(Func<bool> isDone, CancellationToken token)
    {
        while (!isDone())
        {
            token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Yield();
        }
    }

    /// <summary>A part of one service, which does as it is told.</summary>
    private sealed class ScriptedPart : IAgentPart
    {
        private int _attempts;

        public string Name => "scripted";

        public bool StartsBeside => false;

        public string? StartFailure { get; set; }

        /// <summary>How it takes over another configuration; it does not by itself.</summary>
        public Func<bool> Apply { get; set; } = () => false;

        public int Attempts => Volatile.Read(ref _attempts);

        public Channel<ScriptedService> Starts { get; } = Channel.CreateUnbounded<ScriptedService>();

        public object SectionOf(AgentConfiguration configuration) => configuration.Label;

        public void AddServices(IServiceCollection services, AgentConfiguration configuration)
        {
            // The first start is to succeed, so that there is something to fail.
            if (Interlocked.Increment(ref _attempts) > 1 && StartFailure is { } failure)
                throw new IOException(failure);

            services.AddSingleton<IHostedService>(new ScriptedService(Starts.Writer));
        }

        public bool TryApply(IServiceProvider services, AgentConfiguration configuration) => Apply();

        public bool Leaves(AgentConfiguration before, AgentConfiguration after) => false;
    }

    private sealed class ScriptedService(ChannelWriter<ScriptedService> starts) : BackgroundService
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsStopped { get; private set; }

        public void Fail(string reason) => _end.SetException(new IOException(reason));

        public override async Task StopAsync(CancellationToken cancellationToken)
        {
            IsStopped = true;
            await base.StopAsync(cancellationToken);
        }

        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            starts.TryWrite(this);
            return _end.Task.WaitAsync(stoppingToken);
        }
    }
}
