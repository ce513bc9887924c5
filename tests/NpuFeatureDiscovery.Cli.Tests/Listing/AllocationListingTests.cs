using System.Text.Json;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Cli.Tests.Listing;

[CancelAfter(120_000)]
public sealed class AllocationListingTests : IAsyncDisposable
{
    private const string Resource = "beta.furiosa.ai/npu";
    private const string Npu0 = "1B2E6C4D-0000-4A7F-9C31-000000000000";
    private const string Npu1 = "1B2E6C4D-0000-4A7F-9C31-000000000001";

    private readonly HostTree _host = new();
    private readonly PodResourcesServer _kubelet = new();

    public async ValueTask DisposeAsync()
    {
        await _kubelet.DisposeAsync();
        _host.Dispose();
    }

    [Test]
    public async Task A_card_has_its_holder_or_is_free(CancellationToken token)
    {
        _host.AddWarboy(0);
        _host.AddWarboy(1);
        _kubelet.Add("train", "main", (Resource, [Npu1]));
        await _kubelet.StartAsync(token);

        Assert.That(await AllocationsAsync(), Is.EqualTo(new ProgramResult(0,
            """
            +------+--------------+-------+-------+-----------+-------+-----------+---------------------+
            | NPU  | PCI-BDF      | Cores | State | Namespace | Pod   | Container | Resource            |
            +------+--------------+-------+-------+-----------+-------+-----------+---------------------+
            | npu0 | 0000:00:00.0 | 0-1   | free  | -         | -     | -         | -                   |
            | npu1 | 0000:01:00.0 | 0-1   | held  | default   | train | main      | beta.furiosa.ai/npu |
            +------+--------------+-------+-------+-----------+-------+-----------+---------------------+

            """, "")));
    }

    [Test]
    public async Task A_card_that_is_split_lists_its_cores(CancellationToken token)
    {
        _host.AddRngd(0);
        _kubelet.Add("train", "main", ("furiosa.ai/rngd", ["7C5D11A0-0000-4E02-8B1F-000000000000_cores_4-7"]));
        _kubelet.Add("serve", "main", ("furiosa.ai/rngd", ["7C5D11A0-0000-4E02-8B1F-000000000000_cores_1"]));
        await _kubelet.StartAsync(token);

        var rows = Rows((await AllocationsAsync()).Output);

        Assert.That(rows, Is.EqualTo(
        [
            "npu0 0001:00:00.0 0 free - - - -",
            "npu0 0001:00:00.0 1 held default serve main furiosa.ai/rngd",
            "npu0 0001:00:00.0 2 free - - - -",
            "npu0 0001:00:00.0 3 free - - - -",
            "npu0 0001:00:00.0 4-7 held default train main furiosa.ai/rngd",
        ]));
    }

    [Test]
    public async Task What_is_wrong_with_an_allocation_stands_in_its_row_and_on_standard_error(CancellationToken token)
    {
        _host.AddWarboy(0);
        _host.AddWarboy(1).Set("alive", "0\n");
        _kubelet.Add("one", "main", (Resource, [Npu0]));
        _kubelet.Add("three", "main", (Resource, [Npu1, $"{Npu0}_cores_7", "GONE"]));
        _kubelet.Add("two", "main", (Resource, [Npu0, $"{Npu0}_cores_1"]));
        await _kubelet.StartAsync(token);

        var result = await AllocationsAsync();

        Assert.That(Rows(result.Output), Is.EqualTo(
        [
            $"npu0 0000:00:00.0 0-1 held, overlap, double default one main {Resource}",
            $"npu0 0000:00:00.0 0-1 held, double, overlap default two main {Resource}",
            $"npu0 0000:00:00.0 1 held, overlap default two main {Resource}",
            $"npu0 0000:00:00.0 7 phantom, overlap default three main {Resource}",
            $"npu1 0000:01:00.0 0-1 held, unhealthy default three main {Resource}",
            $"GONE - - phantom default three main {Resource}",
        ]));
        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Does.Contain("default/three (main) holds 'GONE', which this node does not have.")
            .And.Contain("holds cores 7 of npu0").And.Contain("holds npu1, which does not work")
            .And.Contain("is held by default/one (main)"));
    }

    [Test]
    public async Task A_card_that_nobody_could_get_is_not_called_free(CancellationToken token)
    {
        _host.AddWarboy(0).Set("alive", "0\n");
        _host.AddWarboy(1).WithUnreadable("alive");
        await _kubelet.StartAsync(token);

        Assert.That(Rows((await AllocationsAsync()).Output), Is.EqualTo(
            ["npu0 0000:00:00.0 0-1 unhealthy - - - -", "npu1 0000:01:00.0 0-1 unknown - - - -"]));
    }

    [Test]
    public async Task The_wide_table_tells_the_health_and_what_the_kubelet_calls_it(CancellationToken token)
    {
        _host.AddWarboy(0);
        _kubelet.Add("train", "main", (Resource, [$"{Npu0}_cores_0"]));
        await _kubelet.StartAsync(token);

        Assert.That((await AllocationsAsync("--output", "wide")).Output, Does.Contain($"| healthy | {Npu0}_cores_0 |")
            .And.Contain($"| healthy | {Npu0}_cores_1 |"));
    }

    [Test]
    public async Task A_document_has_a_holder_or_null_and_both_forms_say_the_same(CancellationToken token)
    {
        _host.AddWarboy(0);
        _kubelet.Add("train", "main", (Resource, [$"{Npu0}_cores_1", "GONE_cores_2-3"]));
        await _kubelet.StartAsync(token);

        using var json = JsonDocument.Parse((await AllocationsAsync("--output", "json")).Output);
        var yaml = new YamlStream();
        yaml.Load(new StringReader((await AllocationsAsync("--output", "yaml")).Output));

        JsonElement[] units = [.. json.RootElement.GetProperty("allocations").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(units.Select(unit => unit.GetProperty("unit").GetString()),
                Is.EqualTo([$"{Npu0}_cores_0", $"{Npu0}_cores_1", "GONE_cores_2-3"]));
            Assert.That(units.Select(unit => unit.GetProperty("state").GetString()), Is.EqualTo(["free", "held", "phantom"]));
            Assert.That(units.Select(unit => string.Join(',', unit.GetProperty("cores").EnumerateArray())), Is.EqualTo(["0", "1", "2,3"]));
            Assert.That(units[0].GetProperty("holder").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(units[1].GetProperty("holder").GetProperty("pod").GetString(), Is.EqualTo("train"));
            Assert.That(units[2].GetProperty("name").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(units[2].GetProperty("faults")[0].GetProperty("fault").GetString(), Is.EqualTo("phantom"));
            Assert.That(yaml.Documents[0].RootNode["allocations"][1]["holder"]["resource"].ToString(), Is.EqualTo(Resource));
        }
    }

    [Test]
    public async Task A_resource_of_another_name_is_found_where_it_is_named(CancellationToken token)
    {
        _host.AddWarboy(0);
        _kubelet.Add("train", "main", ("example.com/npu", [Npu0]));
        await _kubelet.StartAsync(token);

        Assert.That((await AllocationsAsync("--resource-name", "example.com/*")).Output, Does.Contain("| held  | default   | train |"));
    }

    [Test]
    public async Task A_card_without_nodes_here_is_listed_where_somebody_holds_it(CancellationToken token)
    {
        foreach (var node in _host.AddWarboy(0).Nodes.Concat(_host.AddWarboy(1).Nodes))
            _host.Delete(node);
        _kubelet.Add("train", "main", (Resource, [Npu1]));
        await _kubelet.StartAsync(token);

        var result = await AllocationsAsync();

        Assert.That(Rows(result.Output), Is.EqualTo([$"npu1 0000:01:00.0 - held default train main {Resource}"]));
        Assert.That(result.Error, Does.Contain("1 of 2 NPUs").And.Contain("--all"));
    }

    [Test]
    public async Task Without_the_kubelets_socket_nothing_is_listed_as_free()
    {
        _host.AddWarboy(0);

        var result = await AllocationsAsync();

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.Contain($"There is no socket '{_kubelet.SocketPath}'").And.Contain("--pod-resources")
            .And.Contain("nor which are free"));
    }

    [Test]
    public async Task Without_the_sockets_folder_it_is_said_what_to_mount()
    {
        var result = await CommandLine.RunAsync(
            "devices", "--allocations", "--root", _host.Path, "--pod-resources", "/no/such/folder/kubelet.sock");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.Contain("'/no/such/folder'").And.Contain("mount").And.Contain("root"));
    }

    private Task<ProgramResult> AllocationsAsync(params string[] options) => CommandLine.RunAsync(
        ["devices", "--allocations", "--root", _host.Path, "--pod-resources", _kubelet.SocketPath, .. options]);

    private static string[] Rows(string table) => [.. table.Split('\n').Where(line => line.StartsWith('|')).Skip(1)
        .Select(line => string.Join(' ', line.Trim('|', ' ').Split(['|', ' '], StringSplitOptions.RemoveEmptyEntries)))];
}
