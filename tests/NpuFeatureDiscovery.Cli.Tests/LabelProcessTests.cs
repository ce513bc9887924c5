using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>What only a process of its own shows: its name, standard output, the log, the umask, the name that it is called by.</summary>
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
            $"umask 0077; $program --oneshot --output file --root {_host.Path} --features-dir {_features.Path}; test \"$(stat -c %a {FilePath})\" = 644",
            token);

        Assert.That((int)File.GetUnixFileMode(FilePath), Is.EqualTo(Convert.ToInt32("644", 8)));
    }

    private string FilePath => _features.At("npu-feature-discovery");
}
