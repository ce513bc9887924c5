using System.Diagnostics;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>What only a process of its own shows: its name, standard output, signals, the umask, a full disk.</summary>
public sealed class LabelProcessTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly TemporaryFolder _features = new();

    public void Dispose()
    {
        _host.Dispose();
        _features.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Standard_output_holds_the_labels_alone_and_the_log_goes_to_standard_error(CancellationToken token)
    {
        _host.SetMachine("Super Micro, Inc.", null);

        var result = await TheProgram.RunAsync(token, "label", "--oneshot", "--root", _host.Path, "--output", "-");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Output, Is.EqualTo("beta.furiosa.ai/machine.vendor=Super-Micro-Inc\nbeta.furiosa.ai/npu.count=0\n"));
            Assert.That(result.Error, Does.Contain("'Super Micro, Inc.'"));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_link_with_the_name_of_the_node_labeller_takes_the_command_line_of_its_DaemonSet(CancellationToken token)
    {
        _host.AddWarboy(0);
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.At("k8s-node-labeller"), TheProgram.Path);

        var result = await TheProgram.ShellAsync($"""
            cd {folder.Path}
            export K8S_NODE_NAME=warboy-node01 RUST_LOG=info
            ./k8s-node-labeller --interval 60 --oneshot --root {_host.Path} --output -
            """, token);

        Assert.That(result.Output, Is.EqualTo("alpha.furiosa.ai/npu.family=warboy\n"), result.Error);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_log_is_JSON_where_that_is_asked_for(CancellationToken token)
    {
        var result = await TheProgram.RunAsync(
            token, "--oneshot", "--root", _host.Path, "--output", "-", "--log-format", "json");

        var line = result.Error.Split('\n')[0];
        Assert.That(System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("LogLevel").GetString(), Is.EqualTo("Information"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_file_is_readable_by_everyone_whatever_the_umask(CancellationToken token)
    {
        await TheProgram.ShellAsync(
            $"umask 0077; $program --oneshot --root {_host.Path} --features-dir {_features.Path}; test \"$(stat -c %a {FilePath})\" = 644",
            token);

        Assert.That((int)File.GetUnixFileMode(FilePath), Is.EqualTo(Convert.ToInt32("644", 8)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Without_oneshot_it_follows_the_host_and_ends_on_SIGTERM(CancellationToken token)
    {
        using var process = TheProgram.Start(
            "label", "--root", _host.Path, "--features-dir", _features.Path, "--interval", "1h");
        try
        {
            await NextPublishedAsync(process, token);
            var first = File.ReadAllText(FilePath);
            _host.AddWarboy(0);
            await NextPublishedAsync(process, token);
            var second = File.ReadAllText(FilePath);

            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync(token);

            using (Assert.EnterMultipleScope())
            {
                Assert.That(first, Does.Contain("npu.count=0"));
                Assert.That(second, Does.Contain("npu.count=1"));
                Assert.That(process.ExitCode, Is.Zero);
                Assert.That(File.ReadAllText(FilePath), Does.StartWith("# +expiry-time="));
                Assert.That(File.ReadAllText(FilePath).Split('\n')[1..], Is.EqualTo(second.Split('\n')[1..]));
                Assert.That(string.CompareOrdinal(File.ReadAllText(FilePath), second), Is.Negative, "The lease is not shortened.");
            }
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_full_disk_is_exit_code_1_and_the_earlier_file_stays(CancellationToken token)
    {
        var result = await InMountAsync("-o size=16k", $"""
            $program --oneshot --root {_host.Path} --features-dir {_features.Path} --log-level error
            cp {FilePath} /proc/self/fd/1
            dd if=/dev/zero of={_features.At("fill")} bs=4k 2>/dev/null || true
            code=0
            $program --oneshot --root {_host.Path} --features-dir {_features.Path} --label example.com/a=b --log-level error || code=$?
            echo "exit $code"
            cp {FilePath} /proc/self/fd/1
            find {_features.Path} -mindepth 2
            """, token);

        var labels = (await CommandLine.RunAsync("--oneshot", "--root", _host.Path, "--output", "-", "--log-level", "error")).Output;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Output, Is.EqualTo($"{labels}exit 1\n{labels}"));
            Assert.That(result.Error, Does.Contain(FilePath).And.Contain("No space left on device"));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_read_only_folder_is_exit_code_1_and_the_earlier_file_stays(CancellationToken token)
    {
        var result = await InMountAsync("", $"""
            $program --oneshot --root {_host.Path} --features-dir {_features.Path} --log-level error
            mount -o remount,ro {_features.Path}
            code=0
            $program --oneshot --root {_host.Path} --features-dir {_features.Path} --label example.com/a=b --log-level error || code=$?
            echo "exit $code"
            grep -c furiosa {FilePath}
            """, token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Output, Is.EqualTo("exit 1\n3\n"));
            Assert.That(result.Error, Does.Contain(FilePath).And.Contain("Read-only file system"));
        }
    }

    private string FilePath => _features.At("npu-feature-discovery");

    /// <summary>Runs a script with a file system of its own on the features folder, in a mount namespace of its own.</summary>
    private async Task<ProgramResult> InMountAsync(string mountOptions, string script, CancellationToken token)
    {
        const string unshare = "unshare --user --map-root-user --mount";
        if ((await TheProgram.ShellAsync($"{unshare} true", token)).ExitCode != 0)
            Assert.Ignore("Needs user namespaces (unshare --user --mount), which this host does not allow.");

        await File.WriteAllTextAsync(_host.At("/script"), $"mount -t tmpfs {mountOptions} tmpfs {_features.Path}\n{script}", token);
        return await TheProgram.ShellAsync($"{unshare} bash -eu {_host.At("/script")}", token);
    }

    private static async Task NextPublishedAsync(Process process, CancellationToken token)
    {
        while (await process.StandardError.ReadLineAsync(token) is { } line)
        {
            if (line.Contains("Published", StringComparison.Ordinal))
                return;
        }

        Assert.Fail("The program ended by itself.");
    }
}
