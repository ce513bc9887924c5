using System.Globalization;
using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Security;

/// <summary>
/// What the program makes in folders of others, whatever umask it is started with: read by those who must, written by nobody else, and
/// that from the first moment on, as strace sees it.
/// </summary>
[CancelAfter(120_000)]
public sealed partial class FileModeTests : IDisposable
{
    private const UnixFileMode WrittenByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly HostTree _host = new();
    private readonly TemporaryFolder _folder = new();

    private readonly TemporaryFolder _config = new();

    public FileModeTests()
    {
        _host.AddWarboy(0);
        File.WriteAllText(_config.At("agent.yaml"), $"""
            address: 127.0.0.1:0
            label:
              output: file
              featuresDir: {_folder.At("features")}
            devicePlugin:
              registration: watcher
              registryDir: {_folder.At("registry")}
              cdi: annotations
              cdiDir: {_folder.At("cdi")}
            metrics:
              podResources: "off"
            """);
        foreach (var folder in (string[])["features", "registry", "cdi", "tmp"])
            Directory.CreateDirectory(_folder.At(folder));
    }

    public void Dispose()
    {
        _host.Dispose();
        _folder.Dispose();
        _config.Dispose();
    }

    [TestCase("000")]
    [TestCase("022")]
    [TestCase("077")]
    public async Task Only_what_NFD_and_the_container_runtime_read_is_for_others_to_read(string umask, CancellationToken token)
    {
        using var agent = await StartAsync(umask, "", token);

        var modes = Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories)
            .Where(path => !Directory.Exists(path))
            .Select(path => $"{Path.GetRelativePath(_folder.Path, path)} {Convert.ToString((int)File.GetUnixFileMode(path), 8)}");

        Assert.That(modes, Is.EquivalentTo((string[])
        [
            "features/npu-feature-discovery 644",
            "cdi/npu-feature-discovery.json 644",
            "registry/furiosa-npu 600",
        ]));
        Assert.That(File.GetUnixFileMode(_folder.At("features/.npu-feature-discovery.d")) & WrittenByOthers, Is.EqualTo(UnixFileMode.None));
    }

    [Test]
    public async Task Nothing_is_ever_open_for_others_to_write(CancellationToken token)
    {
        var trace = _folder.At("tmp/trace");
        if ((await TheProgram.ShellAsync($"strace -f -o {trace} true || exit 0", token)).Error is { Length: > 0 } reason)
            Assert.Ignore($"strace does not run here: {reason}");

        using (var agent = await StartAsync("000", $"strace -D -f -e trace=file,fchmod -o {trace} ", token))
            await agent.EndAsync("TERM", token);
        // The tracer, whose parent the program is not, ends after it.
        while (!(await File.ReadAllTextAsync(trace, token)).Contains("+++ exited with 0 +++", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, token);

        var made = (await File.ReadAllLinesAsync(trace, token)).Where(line => line.Contains(_folder.Path, StringComparison.Ordinal)
            && (!line.Contains("open", StringComparison.Ordinal) || line.Contains("O_CREAT", StringComparison.Ordinal))).ToArray();

        Assert.That(made, Has.Some.Contains("features/.npu-feature-discovery.d/").And.Some.Contains("cdi/"), "it sees what is made");
        Assert.That(made.Where(line => (ModeOf(line) & WrittenByOthers) != 0), Is.Empty);
    }

    private static UnixFileMode ModeOf(string line) =>
        Mode().Match(line) is { Success: true } mode ? (UnixFileMode)Convert.ToInt32(mode.Groups[1].Value, 8) : default;

    /// <summary>The mode is the last argument, in octal: <c>openat(AT_FDCWD, "...", O_WRONLY|O_CREAT, 0600) = 5</c>.</summary>
    [GeneratedRegex(@", (0[0-7]+)(?:, 0)?\) += ", RegexOptions.CultureInvariant)]
    private static partial Regex Mode();

    /// <summary>All three parts with everything that they write, once it is there.</summary>
    private async Task<Daemon> StartAsync(string umask, string tracer, CancellationToken token)
    {
        var agent = Daemon.StartShell(string.Create(CultureInfo.InvariantCulture, $"""
            umask {umask}
            # As in the manifests: .NET would offer debuggers sockets of its own.
            export DOTNET_EnableDiagnostics=0
            export TMPDIR={_folder.At("tmp")}
            exec {tracer}$program agent --root {_host.Path} --node-name node-1 --config-file {_config.At("agent.yaml")}
            """));
        await agent.WaitForAsync("Published", token);
        foreach (var file in (string[])["features/npu-feature-discovery", "cdi/npu-feature-discovery.json", "registry/furiosa-npu"])
        {
            while (!File.Exists(_folder.At(file)))
            {
                token.ThrowIfCancellationRequested();
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, token);
            }
        }

        return agent;
    }
}
