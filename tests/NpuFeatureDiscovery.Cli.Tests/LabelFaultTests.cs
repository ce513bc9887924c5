using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>What only a file system or a limit of one's own shows: scripts that run in a mount and user namespace.</summary>
public sealed class LabelFaultTests : IDisposable
{
    /// <summary>Waits for a line of the daemon's log, of which the others are shown in the order in which they come.</summary>
    private const string DaemonFunctions = """
        start() {
            exec 3< <(exec $program label --output file --root "$host" --features-dir "$features" --interval 1s "$@" 2>&1)
            daemon=$!
        }
        await() { while read -r -u 3 line; do case $line in *"$1"*) return ;; esac; done; echo "ended before '$1'"; exit 9; }
        """;

    /// <summary>What NFD of each generation would make of the folder now: nothing lost.</summary>
    private const string ValidateFunction = """
        validate() {
            for version in 0.8 0.9 0.13 0.14 0.18 0.19; do
                $program validate "$features" --nfd-version $version --extra-label-ns beta.furiosa.ai >/dev/null || echo "NFD $version loses labels"
            done
        }
        """;

    private readonly HostTree _host = new();
    private readonly TemporaryFolder _features = new();

    public void Dispose()
    {
        _host.Dispose();
        _features.Dispose();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_full_disk_is_exit_code_1_and_the_earlier_file_stays(CancellationToken token)
    {
        var result = await InNamespaceAsync($"""
            mount -t tmpfs -o size=16k tmpfs {_features.Path}
            $program --oneshot --output file --root {_host.Path} --features-dir {_features.Path} --log-level error
            cp {FilePath} /proc/self/fd/1
            dd if=/dev/zero of={_features.At("fill")} bs=4k 2>/dev/null || true
            code=0
            $program --oneshot --output file --root {_host.Path} --features-dir {_features.Path} --label example.com/a=b --log-level error || code=$?
            echo "exit $code"
            cp {FilePath} /proc/self/fd/1
            find {_features.Path} -mindepth 2
            rm {_features.At("fill")}
            {ValidateFunction}
            validate
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
        var result = await InNamespaceAsync($"""
            mount -t tmpfs tmpfs {_features.Path}
            $program --oneshot --output file --root {_host.Path} --features-dir {_features.Path} --log-level error
            mount -o remount,ro {_features.Path}
            code=0
            $program --oneshot --output file --root {_host.Path} --features-dir {_features.Path} --label example.com/a=b --log-level error || code=$?
            echo "exit $code"
            grep -c furiosa {FilePath}
            {ValidateFunction}
            validate
            """, token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Output, Is.EqualTo("exit 1\n3\n"));
            Assert.That(result.Error, Does.Contain(FilePath).And.Contain("Read-only file system"));
        }
    }

    [TestCase("mkdir $features/fill; dd if=/dev/zero of=$features/fill/f bs=4k 2>/dev/null || true", "No space left on device", "rm -r $features/fill")]
    [TestCase("mount -o remount,ro $features", "Read-only file system", "mount -o remount,rw $features")]
    [CancelAfter(60_000)]
    public async Task A_daemon_that_cannot_write_keeps_the_file_and_writes_when_it_can(
        string breakIt, string error, string repairIt, CancellationToken token)
    {
        var result = await InNamespaceAsync($"""
            {DaemonFunctions}
            mount -t tmpfs -o size=16k tmpfs $features
            start
            await Published
            {breakIt}
            rm $host/sys/class/dmi/id/sys_vendor
            await "{error}"
            {ValidateFunction}
            validate
            grep vendor $features/npu-feature-discovery
            {repairIt}
            await Published
            grep vendor $features/npu-feature-discovery || echo no vendor
            kill -TERM $daemon
            """, token);

        Assert.That(result.Output, Is.EqualTo("beta.furiosa.ai/machine.vendor=Supermicro\nno vendor\n"), result.Error);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Where_inotify_is_exhausted_it_says_so_and_reads_at_the_interval(CancellationToken token)
    {
        _host.AddWarboy(0).Unload();
        var result = await InNamespaceAsync($"""
            {DaemonFunctions}
            echo 0 > /proc/sys/user/max_inotify_instances
            start
            await "cannot be watched"
            await Published
            ln -s ../../devices/virtual/npu_mgmt/npu0_mgmt $host/sys/class/npu_mgmt/npu0_mgmt
            await Published
            grep npu.count $features/npu-feature-discovery
            kill -TERM $daemon
            """, token);

        Assert.That(result.Output, Is.EqualTo("beta.furiosa.ai/npu.count=1\n"), result.Error);
    }

    private string FilePath => _features.At("npu-feature-discovery");

    /// <summary>Runs a script as root of a user namespace with mounts of its own; <c>$host</c> and <c>$features</c> are the folders.</summary>
    private async Task<ProgramResult> InNamespaceAsync(string script, CancellationToken token)
    {
        const string unshare = "unshare --user --map-root-user --mount";
        if ((await TheProgram.ShellAsync($"{unshare} true", token)).ExitCode != 0)
            Assert.Ignore("Needs user namespaces (unshare --user --mount), which this host does not allow.");

        await File.WriteAllTextAsync(_host.At("/script"), $"host={_host.Path} features={_features.Path}\n{script}", token);
        return await TheProgram.ShellAsync($"{unshare} bash -eu {_host.At("/script")}", token);
    }
}
