using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli;

/// <summary>What every command that runs on has in common.</summary>
internal static class CommandHost
{
    /// <summary>A host that logs as asked for and reads this root; it knows nothing of configuration files and environment.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="logging">How to log.</param>
    /// <param name="root">The folder that is read as the host.</param>
    /// <param name="isServed">Whether it has a /readyz, which tells that the host cannot be read; else it ends with that.</param>
    /// <exception cref="HostUnreadableException">There is no <c>sys</c> under the root.</exception>
    public static HostApplicationBuilder CreateBuilder(ParseResult parsed, LoggingOptions logging, HostRoot root, bool isServed)
    {
        if (!isServed)
            NodeReader.ThrowIfNoHost(root);

        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        logging.Configure(builder.Logging, parsed);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddSingleton(root);
        builder.Services.AddHostedService(_ => new StartMemory(TimeProvider.System));
        return builder;
    }

    /// <summary>Runs until a signal ends it, in whatever phase that comes: one that comes during the start is no failure of the start.</summary>
    public static async Task RunAsync(IHost host, CancellationToken cancellationToken)
    {
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await host.StartAsync(cancellationToken);
            await host.WaitForShutdownAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // What had been started leaves as it is told.
            await host.StopAsync(CancellationToken.None);
        }
        finally
        {
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }
}
