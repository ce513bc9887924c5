using System.Diagnostics;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>
/// The packages in the hands of somebody else: samples/library in a repository that holds nothing but the packages and the
/// settings which must not reach it.
/// </summary>
public sealed class LibrarySampleTests : IDisposable
{
    /// <summary>No compiler and no node of MSBuild stays behind.</summary>
    private const string NoServers = "MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false";

    private readonly HostTree _host = new();
    private readonly TemporaryFolder _repository = new();

    public void Dispose()
    {
        _host.Dispose();
        _repository.Dispose();
    }

    [Test]
    [CancelAfter(240_000)]
    public async Task A_foreign_program_publishes_the_labels_by_the_packages_alone(CancellationToken token)
    {
        _host.AddWarboy(0);
        var labels = (await CommandLine.RunAsync("--oneshot", "--root", _host.Path, "--output", "-", "--log-level", "error")).Output;
        CopySample();
        await PackAsync(token);

        var (exitCode, output) = await RunUntilPublishedAsync(token);

        Assert.That(exitCode, Is.Zero, output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllText(_repository.At("out/features.d/node-agent")),
                Does.StartWith("# +expiry-time=").And.EndWith($"Z\n{labels}example.com/npu.healthy=1\n"));
            Assert.That(_repository.At("samples/library/packages.lock.json"), Does.Not.Exist, "A setting of the repository reached it.");
        }
    }

    private void CopySample()
    {
        foreach (var file in (string[])["Directory.Build.props", "Directory.Packages.props"])
            File.Copy(Repository.At(file), _repository.At(file));

        Directory.CreateDirectory(_repository.At("samples/library"));
        foreach (var file in Directory.GetFiles(Repository.At("samples/library")))
            File.Copy(file, _repository.At($"samples/library/{Path.GetFileName(file)}"));
    }

    /// <summary>Packs what the build has made, without a file written into its folders while other tests run.</summary>
    private async Task PackAsync(CancellationToken token)
    {
        var configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')));
        foreach (var library in (string[])["Devices", "Kubernetes", "Labels"])
        {
            var result = await TheProgram.ShellAsync(
                $"{NoServers} dotnet pack src/NpuFeatureDiscovery.{library} --no-build -c {configuration}"
                + $" -o {_repository.At("artifacts/packages")} -p:NuspecOutputPath={_repository.At("nuspec")}/", token);
            Assert.That(result.ExitCode, Is.Zero, result.Output);
        }
    }

    /// <summary>Does as the sample's README says, and ends the program as soon as it has published.</summary>
    private async Task<(int ExitCode, string Output)> RunUntilPublishedAsync(CancellationToken token)
    {
        var commands = ReadmeCommand.InBlocks("samples/library/README.md").ToList();
        Assert.That(commands, Has.Count.EqualTo(3));
        Assert.That(commands[0], Is.EqualTo("dotnet pack"));
        LinkPackagesOfThisMachine();

        using var process = TheProgram.StartShell($"""
            cd {_repository.Path}
            export CI=true NUGET_PACKAGES={_repository.At("packages")} TreatWarningsAsErrors=true {NoServers}
            {commands[1]}
            exec {commands[2].Replace("samples/nodes/warboy-1", _host.Path, StringComparison.Ordinal)} 2>&1
            """);
        try
        {
            var output = "";
            while (!output.Contains("Published", StringComparison.Ordinal)
                && await process.StandardOutput.ReadLineAsync(token) is { } line)
                output += line + "\n";

            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            output += await process.StandardOutput.ReadToEndAsync(token);
            await process.WaitForExitAsync(token);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
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
