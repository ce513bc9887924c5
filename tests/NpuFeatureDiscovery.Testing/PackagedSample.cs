namespace NpuFeatureDiscovery.Testing;

/// <summary>
/// A program of samples/ in the hands of somebody else: in a repository that holds nothing but the packages and the settings which
/// must not reach it. Gone with the test.
/// </summary>
public sealed class PackagedSample : IDisposable
{
    /// <summary>No compiler and no node of MSBuild stays behind.</summary>
    private const string NoServers = "MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false";

    private readonly TemporaryFolder _repository = new();
    private readonly string[] _libraries;
    private readonly string[] _commands;

    /// <param name="folder">Its folder, such as <c>samples/library</c>.</param>
    /// <param name="libraries">The packages that it needs, without the prefix that all have.</param>
    public PackagedSample(string folder, params string[] libraries)
    {
        _libraries = libraries;
        _commands = [.. ReadmeCommand.InBlocks($"{folder}/README.md")];
        foreach (var file in (string[])["Directory.Build.props", "Directory.Packages.props"])
            File.Copy(Repository.At(file), _repository.At(file));

        Directory.CreateDirectory(_repository.At(folder));
        foreach (var file in Directory.GetFiles(Repository.At(folder)))
            File.Copy(file, _repository.At($"{folder}/{Path.GetFileName(file)}"));
    }

    /// <summary>Where a path of its repository is.</summary>
    public string At(string path) => _repository.At(path);

    /// <summary>Does as its README says, of which the first command packs and the last one runs it.</summary>
    /// <param name="change">Changes that last one.</param>
    /// <param name="token">Ends the packing.</param>
    /// <returns>The running program, all of whose output is its log.</returns>
    public async Task<Daemon> StartAsync(Func<string, string> change, CancellationToken token)
    {
        if (_commands is not ["dotnet pack", .. var preparations, var run])
            throw new InvalidOperationException("The sample's README does not begin with 'dotnet pack'.");

        await PackAsync(token);
        LinkPackagesOfThisMachine();
        return Daemon.StartShell($"""
            cd {_repository.Path}
            export CI=true NUGET_PACKAGES={_repository.At("packages")} TreatWarningsAsErrors=true {NoServers}
            {string.Join('\n', preparations)}
            exec {change(run)} >&2
            """);
    }

    public void Dispose() => _repository.Dispose();

    /// <summary>Packs what the build has made, without a file written into its folders while other tests run.</summary>
    private async Task PackAsync(CancellationToken token)
    {
        var configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')));
        foreach (var library in _libraries)
        {
            var result = await TheProgram.ShellAsync(
                $"{NoServers} dotnet pack src/NpuFeatureDiscovery.{library} --no-build -c {configuration}"
                + $" -o {_repository.At("artifacts/packages")} -p:NuspecOutputPath={_repository.At("nuspec")}/", token);
            if (result.ExitCode != 0)
                throw new InvalidOperationException($"'{library}' cannot be packed: {result.Output}{result.Error}");
        }
    }

    /// <summary>
    /// NuGet takes a version that it has seen for the same packages for ever, and these have the same version at each build. So
    /// it gets a folder of packages of its own, with those of the machine but for ours, so that nothing is downloaded again.
    /// </summary>
    private void LinkPackagesOfThisMachine()
    {
        var folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");
        Directory.CreateDirectory(_repository.At("packages"));
        foreach (var package in Directory.GetDirectories(folder).Select(package => Path.GetFileName(package)))
        {
            if (!package.StartsWith("npufeaturediscovery.", StringComparison.Ordinal))
                File.CreateSymbolicLink(_repository.At($"packages/{package}"), Path.Combine(folder, package));
        }
    }
}
