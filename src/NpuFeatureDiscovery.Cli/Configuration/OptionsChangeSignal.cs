using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Tells the options system that options have to be made anew.</summary>
internal sealed class OptionsChangeSignal<TOptions> : IOptionsChangeTokenSource<TOptions>
{
    private ConfigurationReloadToken _next = new();

    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => Volatile.Read(ref _next);

    /// <summary>Who listens is called before this returns.</summary>
    public void Raise() => Interlocked.Exchange(ref _next, new ConfigurationReloadToken()).OnReload();
}
