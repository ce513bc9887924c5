using System.Text.Json;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Cli.Tests.Listing;

public sealed class DevicesCommandTests : IDisposable
{
    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [Test]
    public async Task The_sample_of_the_SDK_page_looks_as_on_that_page()
    {
        var result = await CommandLine.RunAsync("devices", "--root", Repository.At("samples/nodes/warboy-1"));

        Assert.That(result, Is.EqualTo(new ProgramResult(0,
            """
            +------+------------------+-------+--------+--------------+---------+
            | NPU  | Name             | Temp. | Power  | PCI-BDF      | PCI-DEV |
            +------+------------------+-------+--------+--------------+---------+
            | npu0 | FuriosaAI Warboy |  40°C | 1.37 W | 0000:01:00.0 | 509:0   |
            +------+------------------+-------+--------+--------------+---------+

            """, "")));
    }

    [TestCase("warboy-1")]
    [TestCase("rngd-1")]
    [TestCase("mixed")]
    [TestCase("degraded")]
    [TestCase("empty")]
    public async Task A_sample_node_is_listed_in_every_form_as_somebody_has_read_and_accepted(string sample)
    {
        var root = Repository.At($"samples/nodes/{sample}");
        var received = "";
        foreach (var form in (string[])["table", "wide", "json", "yaml"])
        {
            var result = await CommandLine.RunAsync("devices", "--root", root, "--output", form);
            received += $"== {form}, exit code {result.ExitCode}\n{result.Output}{result.Error}";
        }

        var difference = VerifiedText.Difference(received.Replace(root, "ROOT", StringComparison.Ordinal), $"devices.{sample}");

        Assert.That(difference, Is.Null, difference);
    }

    [Test]
    public async Task The_table_is_the_default()
    {
        _host.AddWarboy(0);

        Assert.That(await DevicesAsync(), Is.EqualTo(await DevicesAsync("--output", "TABLE")));
    }

    [Test]
    public async Task In_a_container_only_the_cards_are_listed_whose_nodes_are_there()
    {
        var theirs = _host.AddWarboy(0);
        _host.AddWarboy(1);
        foreach (var node in theirs.Nodes)
            _host.Delete(node);

        var result = await DevicesAsync();
        var all = await DevicesAsync("--all");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.Zero);
            Assert.That(result.Output, Does.Contain("npu1").And.Not.Contain("npu0"));
            Assert.That(result.Error, Does.Contain("1 of 2 NPUs").And.Contain("--all"));
            Assert.That(all.Output, Does.Contain("npu1").And.Contain("npu0"));
            Assert.That(all.Error, Does.Not.Contain("--all"));
        }
    }

    [Test]
    public async Task One_node_of_a_card_is_enough()
    {
        var card = _host.AddWarboy(0);
        foreach (var node in card.Nodes.Except(["/dev/npu0pe1"]))
            _host.Delete(node);

        var result = await DevicesAsync("--output", "wide");

        Assert.That((result.Output.Contains("| npu0 |", StringComparison.Ordinal), result.Error), Is.EqualTo((true, "")));
    }

    [Test]
    public async Task What_is_not_known_is_a_dash_and_its_reason_stands_on_standard_error()
    {
        var card = _host.AddWarboy(0).Without("dev", "device_sn");
        _host.Write($"{card.HwmonFolder}/temp9_input", "warm\n");
        _host.Delete($"{card.HwmonFolder}/temp10_input");
        _host.MakeUnreadable($"{card.HwmonFolder}/power1_average");

        var result = await DevicesAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.Zero);
            Assert.That(result.Output, Does.Contain("| npu0 | FuriosaAI Warboy |     - |     - | 0000:00:00.0 | -       |"));
            Assert.That(result.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(2)
                .And.One.Contains("temp9_input: holds 'warm'").And.One.Contains("power1_average: cannot be read"));
        }
    }

    [Test]
    public async Task A_document_has_null_for_what_is_not_known_and_the_problems_in_itself()
    {
        _host.AddWarboy(0).Without("dev");

        var result = await DevicesAsync("--output", "json");
        using var document = JsonDocument.Parse(result.Output);
        var card = document.RootElement.GetProperty("devices")[0];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Error, Is.Empty);
            Assert.That(card.GetProperty("charDevice").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(card.GetProperty("powerMicrowatts").GetInt64(), Is.EqualTo(9246000));
            Assert.That(document.RootElement.GetProperty("problems")[0].GetProperty("path").GetString(), Does.EndWith("/dev"));
        }
    }

    [Test]
    public async Task YAML_holds_text_as_text()
    {
        _host.AddWarboy(0).Set("device_sn", "0123").Set("device_uuid", "null");
        var yaml = new YamlStream();

        yaml.Load(new StringReader((await DevicesAsync("--output", "yaml")).Output));

        var card = (YamlMappingNode)yaml.Documents[0].RootNode["devices"][0];
        using (Assert.EnterMultipleScope())
        {
            foreach (var (key, value) in ((string, string)[])[("serial", "0123"), ("uuid", "null"), ("charDevice", "234:0")])
                Assert.That(card[key].ToString() + ((YamlScalarNode)card[key]).Style, Is.EqualTo($"{value}DoubleQuoted"));
            Assert.That(((YamlScalarNode)card["uptimeSeconds"]).Style, Is.EqualTo(YamlDotNet.Core.ScalarStyle.Plain));
        }
    }

    [Test]
    public async Task Text_of_a_driver_cannot_move_the_cursor()
    {
        _host.AddWarboy(0).Set("device_sn", "a\u001b[2Jb\rc");

        Assert.That((await DevicesAsync("--output", "wide")).Output, Does.Contain("| a?[2Jb?c |"));
    }

    [Test]
    public async Task Frost_and_cores_with_a_gap_are_shown_as_they_are()
    {
        var card = _host.AddRngd(0);
        _host.Write($"{card.HwmonFolder}/temp1_input", "-4501\n");
        var cores = card.Nodes.Where(node => node.Contains("pe", StringComparison.Ordinal));
        foreach (var node in cores.Except(["/dev/rngd/npu0pe0-1", "/dev/rngd/npu0pe7"]))
            _host.Delete(node);

        Assert.That((await DevicesAsync("--output", "wide")).Output, Does.Contain("|  -5°C | 85.06 W |").And.Contain("| 0-1,7 |"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_card_that_hangs_is_listed_and_told_once_and_the_others_are_whole()
    {
        var card = _host.AddWarboy(0).Hang("heartbeat");
        _host.AddWarboy(1);

        var result = await DevicesAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.Zero);
            Assert.That(result.Output, Does.Contain("| npu0 | FuriosaAI Warboy |     - |      - |")
                .And.Contain("| npu1 | FuriosaAI Warboy |  40°C | 9.25 W |"));
            Assert.That(result.Error, Is.EqualTo(
                $"npu-feature-discovery: {card.PathOf("heartbeat")}: cannot be read: no answer within 1 s\n"));
        }

        card.EndHang("heartbeat", "1");
    }

    private Task<ProgramResult> DevicesAsync(params string[] options) =>
        CommandLine.RunAsync(["devices", "--root", _host.Path, .. options]);
}
