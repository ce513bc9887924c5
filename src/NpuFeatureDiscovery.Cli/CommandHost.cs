using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli;

/// <summary>What every command that runs on has in common.</summary>
internal static class CommandHost
{
    /// <summary>A host that logs as asked for and reads this root; it knows nothing of configuration files and environment.</summary>
    /// <exception cref="HostUnreadableException">There is no <c>sys</c> under the root.</exception>
    public static HostApplicationBuilder CreateBuilder(ParseResult parsed, LoggingOptions logging, HostRoot root)
    {
        NodeReader.ThrowIfNoHost(root);
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        logging.Configure(builder.Logging, parsed);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddSingleton(root);
        return builder;
    }
}
