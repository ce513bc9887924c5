using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>A part from its start to its end: what a host would do with its services.</summary>
internal sealed class RunningPart
{
    private readonly ServiceProvider _services;
    private readonly List<IHostedService> _started = [];

    private RunningPart(ServiceProvider services) => _services = services;

    public IServiceProvider Services => _services;

    /// <summary>Fails when one of the part's services does; ends when all have ended by themselves.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a part, or throws what keeps it from starting.</summary>
    public static async Task<RunningPart> StartAsync(IServiceCollection services, CancellationToken cancellationToken)
    {
        var part = new RunningPart(services.BuildServiceProvider());
        try
        {
            part._services.GetService<IStartupValidator>()?.Validate();
            foreach (var service in part._services.GetServices<IHostedService>())
            {
                part._started.Add(service);
                await service.StartAsync(cancellationToken);
            }

            part.Completion = CompleteAsync(part._started.OfType<BackgroundService>().Select(service => service.ExecuteTask!));
            return part;
        }
        catch
        {
            await part.EndAsync(cancellationToken);
            throw;
        }
    }

    /// <summary>Ends the part's services, the last first.</summary>
    /// <returns>What went wrong at that.</returns>
    public async Task<IReadOnlyList<Exception>> EndAsync(CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var service in Enumerable.Reverse(_started))
            await GuardAsync(() => service.StopAsync(cancellationToken));

        await GuardAsync(() => _services.DisposeAsync().AsTask());
        return failures;

        async Task GuardAsync(Func<Task> end)
        {
            try
            {
                await end();
            }
            catch (Exception exception)
            {
                // The others have to end all the same.
                failures.Add(exception);
            }
        }
    }

    private static async Task CompleteAsync(IEnumerable<Task> tasks)
    {
        var running = tasks.ToList();
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            await ended;
        }
    }
}
