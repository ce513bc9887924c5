using System.Text;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Configuration;

public sealed class DevicePluginFileReaderTests : IDisposable
{
    private const string Node = "warboy-node01";
    private const string Keys = "defaultPe, allocationPolicy, interval, disabledDevices, pluginDir, socketName, registration, "
        + "registryDir, resourceName, cdi, cdiDir";
    private const string Map = $"a map with any of {Keys}";
    private const string Seconds = "allowed is a whole number of seconds, 1 to 86400.";
    private const string Names = "allowed is npu0 to npu255.";

    private static readonly string Sample = string.Join('\n',
        "interval: 10",
        "defaultPe: Fusion",
        "disabledDevices:             # npu1 of warboy-node01 is not used",
        "  - devName: npu1",
        "    nodeName: warboy-node01",
        "pluginDir: /var/lib/kubelet/device-plugins",
        "socketName: furiosa-npu",
        "resourceName: beta.furiosa.ai/npu",
        "");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void The_published_ConfigMap_is_all_defaults()
    {
        var file = Parse("defaultPe: Fusion\ndisabledDevices: []\ninterval: 10\n");

        Assert.That(file, Is.EqualTo(new DevicePluginFile()));
    }

    [Test]
    public void Defaults_are_those_that_the_SDK_documents()
    {
        var file = Parse("{}");

        Assert.That(file, Is.EqualTo(new DevicePluginFile
        {
            DefaultPe = DefaultPe.Fusion,
            AllocationPolicy = AllocationPolicy.Packed,
            Interval = TimeSpan.FromSeconds(10),
            DisabledDevices = [],
            PluginDir = "/var/lib/kubelet/device-plugins",
            SocketName = "furiosa-npu",
            ResourceName = "beta.furiosa.ai/npu",
            Cdi = CdiMode.Off,
            CdiDir = "/var/run/cdi",
            Registration = RegistrationMode.Classic,
            RegistryDir = "/var/lib/kubelet/plugins_registry",
        }));
    }

    [Test]
    public void The_sample_of_the_SDK_is_read()
    {
        Assert.That(Parse(Sample), Is.EqualTo(new DevicePluginFile { DisabledDevices = ["npu1"] }));
    }

    [Test]
    public void Every_key_is_taken_over()
    {
        var file = Parse("""
            defaultPe: Single
            allocationPolicy: spread
            interval: 86400
            disabledDevices: [{devName: npu255, nodeName: warboy-node01}]
            pluginDir: "/a b"
            socketName: 'c'
            registration: Watcher
            registryDir: /d
            resourceName: example.com/{family}
            cdi: field
            cdiDir: /etc/cdi
            """);

        Assert.That(file, Is.EqualTo(new DevicePluginFile
        {
            DefaultPe = DefaultPe.Single,
            AllocationPolicy = AllocationPolicy.Spread,
            Interval = TimeSpan.FromDays(1),
            DisabledDevices = ["npu255"],
            PluginDir = "/a b",
            SocketName = "c",
            Registration = RegistrationMode.Watcher,
            RegistryDir = "/d",
            ResourceName = "example.com/{family}",
            Cdi = CdiMode.Field,
            CdiDir = "/etc/cdi",
        }));
    }

    [TestCase("off", ExpectedResult = CdiMode.Off)]
    [TestCase("'off'", ExpectedResult = CdiMode.Off)]
    [TestCase("false", ExpectedResult = CdiMode.Off)]
    [TestCase("annotations", ExpectedResult = CdiMode.Annotations)]
    [TestCase("field", ExpectedResult = CdiMode.Field)]
    public CdiMode CDI_is_off_or_a_way(string text) => Parse($"cdi: {text}").Cdi;

    [TestCase("Fusion", ExpectedResult = DefaultPe.Fusion)]
    [TestCase("fusion", ExpectedResult = DefaultPe.Fusion)]
    [TestCase("pe0-1", ExpectedResult = DefaultPe.Fusion)]
    [TestCase("PE0-1", ExpectedResult = DefaultPe.Fusion)]
    [TestCase("Single", ExpectedResult = DefaultPe.Single)]
    [TestCase("'SINGLE'", ExpectedResult = DefaultPe.Single)]
    public DefaultPe The_default_PE_is_read_in_any_case(string text) => Parse($"defaultPe: {text}").DefaultPe;

    [TestCase("packed", ExpectedResult = AllocationPolicy.Packed)]
    [TestCase("Spread", ExpectedResult = AllocationPolicy.Spread)]
    public AllocationPolicy The_allocation_policy_is_read_in_any_case(string text) => Parse($"allocationPolicy: {text}").AllocationPolicy;

    [TestCase("[]")]
    [TestCase("")]
    [TestCase("~")]
    [TestCase("null")]
    public void No_device_is_disabled_by(string text)
    {
        Assert.That(Parse($"disabledDevices: {text}\n").DisabledDevices, Is.Empty);
    }

    [Test]
    public void Disabled_devices_of_this_node_count_once_and_in_order()
    {
        var file = Parse("""
            disabledDevices:
              - {devName: npu10, nodeName: warboy-node01}
              - {devName: npu3, nodeName: warboy-node02}
              - {nodeName: warboy-node01, devName: npu2}
              - {devName: npu10, nodeName: warboy-node01}
              - {devName: npu4, nodeName: WARBOY-NODE01}
            """);

        Assert.That(file.DisabledDevices, Is.EqualTo(["npu2", "npu10"]));
    }

    [Test]
    public void Line_ends_and_a_byte_order_mark_do_not_matter([Values("\n", "\r\n", "\r")] string lineEnd, [Values] bool mark)
    {
        var text = (mark ? "\uFEFF" : "") + Sample.Replace("\n", lineEnd, StringComparison.Ordinal);

        Assert.That(Parse(text), Is.EqualTo(Parse(Sample)));
    }

    [Test]
    public void Document_marks_and_comments_may_stand_around()
    {
        Assert.That(Parse("# 설정\n---\ninterval: 5 # s\n...\n# end\n").Interval, Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    private static TestCaseData[] Broken =>
    [
        new("", (string[])[$"1:1: The file is empty: allowed is {Map}; {{}} stands for all defaults."]),
        new("# nothing\n---\n", (string[])[$"1:1: The file is empty: allowed is {Map}; {{}} stands for all defaults."]),
        new("- 1\n", (string[])[$"1:1: The file does not take a list: allowed is {Map}."]),
        new("interval=10\n", (string[])[$"1:1: The file does not take 'interval=10': allowed is {Map}."]),
        new("*a", (string[])[$"1:1: The file does not take the alias '*a': allowed is {Map}."]),
        new("intervall: 10\n", (string[])[$"1:1: Key 'intervall' is unknown: allowed are {Keys}."]),
        new("Interval: {a: [1]}\ninterval: 0", (string[])
            [$"1:1: Key 'Interval' is unknown: allowed are {Keys}.", $"2:11: Key 'interval' does not take '0': {Seconds}"]),
        new("? [a]\n: 1", (string[])[$"1:3: Key a list is unknown: allowed are {Keys}."]),
        new("<<: *a", (string[])[$"1:1: Key '<<' is unknown: allowed are {Keys}."]),
        new("interval: 1\ninterval: 2\n", (string[])
            ["2:1: Key 'interval' is given again: allowed is once, and line 1 has it."]),
        new("interval: 86401", (string[])[$"1:11: Key 'interval' does not take '86401': {Seconds}"]),
        new("interval: -1", (string[])[$"1:11: Key 'interval' does not take '-1': {Seconds}"]),
        new("interval: 1.5", (string[])[$"1:11: Key 'interval' does not take '1.5': {Seconds}"]),
        new("interval: 10s", (string[])[$"1:11: Key 'interval' does not take '10s': {Seconds}"]),
        new("interval: 010", (string[])[$"1:11: Key 'interval' does not take '010': {Seconds}"]),
        new("interval: 99999999999", (string[])[$"1:11: Key 'interval' does not take '99999999999': {Seconds}"]),
        new("interval: \"10\"", (string[])[$"1:11: Key 'interval' does not take the text '10': {Seconds}"]),
        new("interval:\n", (string[])[$"1:10: Key 'interval' has no value: {Seconds}"]),
        new("interval: [10]", (string[])[$"1:11: Key 'interval' does not take a list: {Seconds}"]),
        new("interval: *ten", (string[])[$"1:11: Key 'interval' does not take the alias '*ten': {Seconds}"]),
        new("interval: !!int 10", (string[])["1:11: Tag 'tag:yaml.org,2002:int' is not expected: leave it out."]),
        new("defaultPe: Double", (string[])["1:12: Key 'defaultPe' does not take 'Double': allowed is Fusion or Single."]),
        new("allocationPolicy: dense", (string[])["1:19: Key 'allocationPolicy' does not take 'dense': allowed is packed or spread."]),
        new("defaultPe: {}", (string[])["1:12: Key 'defaultPe' does not take a map: allowed is Fusion or Single."]),
        new("defaultPe: ~", (string[])["1:12: Key 'defaultPe' has no value: allowed is Fusion or Single."]),
        new("cdi: on", (string[])["1:6: Key 'cdi' does not take 'on': allowed is off, annotations or field."]),
        new("cdi:", (string[])["1:5: Key 'cdi' has no value: allowed is off, annotations or field."]),
        new("cdiDir: []", (string[])["1:9: Key 'cdiDir' does not take a list: allowed is a text that is not blank."]),
        new("pluginDir: ''", (string[])["1:12: Key 'pluginDir' does not take the text '': allowed is a text that is not blank."]),
        new("socketName: \" \"", (string[])
            ["1:13: Key 'socketName' does not take the text ' ': allowed is a text that is not blank."]),
        new("registration: both", (string[])
            ["1:15: Key 'registration' does not take 'both': allowed is classic, watcher or auto."]),
        new("resourceName:", (string[])["1:14: Key 'resourceName' has no value: allowed is a text that is not blank."]),
        new("resourceName: [a/b]", (string[])
            ["1:15: Key 'resourceName' does not take a list: allowed is a text that is not blank."]),
        new("disabledDevices: npu1", (string[])
            ["1:18: Key 'disabledDevices' does not take 'npu1': allowed is a list of maps with devName and nodeName."]),
        new("disabledDevices: ''", (string[])
            ["1:18: Key 'disabledDevices' does not take the text '': allowed is a list of maps with devName and nodeName."]),
        new("disabledDevices: [npu1, ~]", (string[])
        [
            "1:19: Key 'disabledDevices[0]' does not take 'npu1': allowed is a map with devName and nodeName.",
            "1:25: Key 'disabledDevices[1]' has no value: allowed is a map with devName and nodeName.",
        ]),
        new("disabledDevices:\n  - devName: npu256\n    nodeName: other\n  - devName: npu1pe0\n  - {}\n", (string[])
        [
            $"2:14: Key 'disabledDevices[0].devName' does not take 'npu256': {Names}",
            "4:5: Key 'disabledDevices[1].nodeName' is missing: an entry needs devName and nodeName.",
            $"4:14: Key 'disabledDevices[1].devName' does not take 'npu1pe0': {Names}",
            "5:5: Key 'disabledDevices[2].devName' is missing: an entry needs devName and nodeName.",
            "5:5: Key 'disabledDevices[2].nodeName' is missing: an entry needs devName and nodeName.",
        ]),
        new("disabledDevices: [{devName: npu01, nodeName: ~, devname: npu1, devName: NPU1}]", (string[])
        [
            $"1:29: Key 'disabledDevices[0].devName' does not take 'npu01': {Names}",
            "1:46: Key 'disabledDevices[0].nodeName' has no value: allowed is a text that is not blank.",
            "1:49: Key 'disabledDevices[0].devname' is unknown: allowed are devName, nodeName.",
            "1:64: Key 'disabledDevices[0].devName' is given again: allowed is once, and line 1 has it.",
            $"1:73: Key 'disabledDevices[0].devName' does not take 'NPU1': {Names}",
        ]),
        new("interval: 0\n---\ninterval: 10\n", (string[])
            [$"1:11: Key 'interval' does not take '0': {Seconds}", "2:1: A second document begins here: allowed is one."]),
        new("interval: 0\ndefaultPe: a: b\n", (string[])
        [
            $"1:11: Key 'interval' does not take '0': {Seconds}",
            "2:13: This is not valid YAML. While scanning a plain scalar value, found invalid mapping.",
        ]),
        new("a: [1\nb: {\n", (string[])
        [
            $"1:1: Key 'a' is unknown: allowed are {Keys}.",
            "2:1: This is not valid YAML. The text breaks off or is broken here.",
        ]),
        new("\"\\UFFFFFFFF\": 1", (string[])["1:12: This is not valid YAML. The text breaks off or is broken here."]),
        new("interval: 0\ndisabledDevices:\n  : x", (string[])
        [
            $"1:11: Key 'interval' does not take '0': {Seconds}",
            "3:3: Key 'disabledDevices' does not take a map: allowed is a list of maps with devName and nodeName.",
        ]),
        new("  : x", (string[])
        [
            $"1:4: Key '' is unknown: allowed are {Keys}.",
            "2:1: This is not valid YAML. A key or value is missing before this.",
        ]),
        new("interval: 10\n\0\0\0", (string[])["2:1: Character U+0000 is not allowed in YAML: write it as an escape."]),
        new("resourceName: a\u007Fb", (string[])["1:16: Character U+007F is not allowed in YAML: write it as an escape."]),
        new("defaultPe: \"a\\nb\"", (string[])
            ["1:12: Key 'defaultPe' does not take the text 'a\\u000Ab': allowed is Fusion or Single."]),
    ];

    [TestCaseSource(nameof(Broken))]
    public void Every_mistake_is_told_with_its_place(string text, string[] mistakes)
    {
        Assert.That(MistakesOf(text), Is.EqualTo(mistakes.Select(mistake => $"f.yaml:{mistake}")));
    }

    [Test]
    public void A_long_value_is_cut_in_its_mistake()
    {
        Assert.That(
            MistakesOf($"defaultPe: {new string('x', 1000)}").Single(),
            Does.Contain($"'{new string('x', 80)}...'").And.Not.Contains(new string('x', 81)));
    }

    [Test]
    public void Depth_is_bounded([Values("[", "{", "- ", "? ")] string open)
    {
        var text = string.Concat(Enumerable.Repeat(open, ConfigurationText.MaxBytes / open.Length));

        Assert.That(MistakesOf(text), Has.Some.Contains("deeper than 32 levels"));
    }

    [Test]
    public void What_is_not_UTF_8_is_told_with_its_place()
    {
        byte[] bytes = [.. "interval: 1\n#é"u8, 0xE9, .. "\n"u8];

        Assert.That(
            MistakesOf(bytes), Is.EqualTo(["f.yaml:2:3: Byte 0xE9 is not UTF-8: save the file as UTF-8."]));
    }

    [Test]
    public void A_file_may_have_64_KiB_and_no_byte_more()
    {
        var text = "interval: 7\n".PadRight(ConfigurationText.MaxBytes, '#');
        var path = _folder.At("f.yaml");
        File.WriteAllText(path, text);
        Assert.That(Read(path).Interval, Is.EqualTo(TimeSpan.FromSeconds(7)));

        File.WriteAllText(path, text + "#");

        Assert.That(
            MistakesOf(() => Read(path)),
            Is.EqualTo([$"{path}:2:65525: The file goes on after 65536 bytes: allowed are these 64 KiB."]));
    }

    [Test]
    public void A_file_without_end_is_read_no_further()
    {
        Assert.That(MistakesOf(() => Read("/dev/zero")), Has.Exactly(1).Items);
    }

    [Test]
    public void A_file_that_cannot_be_read_is_a_mistake_with_the_reason()
    {
        var missing = _folder.At("missing");
        File.CreateSymbolicLink(_folder.At("loop"), "loop");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                MistakesOf(() => Read(missing)),
                Is.EqualTo([$"{missing}: The file cannot be read: Could not find file '{missing}'."]));
            Assert.That(
                MistakesOf(() => Read(_folder.Path)), Is.EqualTo([$"{_folder.Path}: The file cannot be read: it is a folder."]));
            Assert.That(
                MistakesOf(() => Read(_folder.At("loop"))),
                Has.Exactly(1).StartsWith($"{_folder.At("loop")}: The file cannot be read: "));
        }
    }

    [Test]
    public void Who_validates_values_need_not_know_where_they_stand()
    {
        var reader = new DevicePluginFileReader("f.yaml", Node, file =>
            [("resourceName", "allowed is a domain and a name."), ("pluginDir", "allowed is a folder that exists.")]);

        Assert.That(
            MistakesOf(() => reader.Parse(Content("interval: 1\n  \nresourceName: npu\n"u8))),
            Is.EqualTo(
            [
                "f.yaml:1:1: Key 'pluginDir' does not take '/var/lib/kubelet/device-plugins': allowed is a folder that exists.",
                "f.yaml:3:1: Key 'resourceName' does not take 'npu': allowed is a domain and a name.",
            ]));
    }

    [Test]
    public void Any_bytes_are_a_configuration_or_mistakes_with_line_and_column()
    {
        string[] parts =
        [
            "interval", "defaultPe", "disabledDevices", "devName", "nodeName", "npu1", Node, "Single", ": ", ":", "\n", "\n  ",
            "- ", "? ", "[", "]", "{", "}", ",", "\"", "'", "\\", "\\U00110000", "|", ">-", "&a ", "*a", "!t ", "!!", "<<", "@",
            "%YAML 1.2\n", "%TAG ! ", "---\n", "...\n", "#", "\t", "\r", "~", "10", "\0", "\u0085", "\u2028", "é", "\U0001F600",
            "\uFEFF", "`",
        ];
        var random = new Random(20221101);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (round % 4) switch
            {
                0 => RandomBytes(random, random.Next(40)),
                1 => Damage(random, Encoding.UTF8.GetBytes(Sample)),
                _ => Encoding.UTF8.GetBytes(string.Concat(random.GetItems(parts, random.Next(1, 30)))),
            };
            try
            {
                Assert.That(MistakesOf(bytes), Has.All.Match(@"\Af\.yaml:[1-9]\d*:[1-9]\d*: \P{Cc}+\z"));
            }
            catch (Exception exception) when (exception is not ResultStateException)
            {
                Assert.Fail($"Round {round}, {Convert.ToBase64String(bytes)}: {exception}");
            }
        }
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Damage(Random random, byte[] bytes)
    {
        for (var count = random.Next(1, 5); count > 0; count--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(' ', 127);

        return bytes[..random.Next(bytes.Length + 1)];
    }

    private static DevicePluginFile Read(string path) => new DevicePluginFileReader(path, Node).Read();

    private static DevicePluginFile Parse(string text) =>
        new DevicePluginFileReader("f.yaml", Node).Parse(Content(Encoding.UTF8.GetBytes(text)));

    private static FileContent Content(ReadOnlySpan<byte> bytes) => new(EquatableArray.Create(bytes));

    private static IReadOnlyList<string> MistakesOf(string text) => MistakesOf(Encoding.UTF8.GetBytes(text));

    private static IReadOnlyList<string> MistakesOf(byte[] bytes) =>
        MistakesOf(() => new DevicePluginFileReader("f.yaml", Node).Parse(Content(bytes)));

    private static IReadOnlyList<string> MistakesOf(Func<DevicePluginFile> read)
    {
        try
        {
            read();
            return [];
        }
        catch (ConfigurationFileException exception)
        {
            return exception.Mistakes;
        }
    }
}
