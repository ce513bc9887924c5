using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Security;

/// <summary>
/// The services that Kestrel looks for when it serves TLS. They are internal to it and come by way of a web host's builder alone:
/// so this is one that does nothing else.
/// </summary>
internal sealed class KestrelServices : IWebHostBuilder
{
    private readonly ServiceCollection _services = new();

    private KestrelServices()
    {
    }

    public static ServiceProvider Create(ILoggerFactory loggerFactory)
    {
        var builder = new KestrelServices();
        builder._services.AddSingleton(loggerFactory).AddMetrics();
        builder.UseKestrelCore();
        return builder._services.BuildServiceProvider();
    }

    public IWebHostBuilder ConfigureServices(Action<IServiceCollection> configureServices)
    {
        configureServices(_services);
        return this;
    }

    public IWebHostBuilder ConfigureServices(Action<WebHostBuilderContext, IServiceCollection> configureServices) =>
        throw new NotSupportedException();

    public IWebHostBuilder ConfigureAppConfiguration(Action<WebHostBuilderContext, IConfigurationBuilder> configureDelegate) =>
        throw new NotSupportedException();

#pragma warning disable ASPDEPR008 // The interface that extends Kestrel's services has it still.
    public IWebHost Build() => throw new NotSupportedException();
#pragma warning restore ASPDEPR008

    public string? GetSetting(string key) => null;

    public IWebHostBuilder UseSetting(string key, string? value) => throw new NotSupportedException();
}
