using NpuFeatureDiscovery.Cli.Doctor;
using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor;

/// <summary>Each breaks one thing of a node where all is well, and reads exactly what doctor says of it.</summary>
public sealed class BrokenSetupTests : IAsyncDisposable
{
    private const int Deadline = 60_000;

    private readonly DoctorNode _node = new();

    private static BrokenSetup[] Host =>
    [
        BrokenSetup.Of("no driver loaded", node =>
        {
            foreach (var card in node.Cards)
                card.Unload();
            node.Host.Delete("/sys/class/npu_mgmt");
            node.Host.Delete("/sys/bus/pci/devices/0000:00:00.0/driver");
            node.Host.Delete("/sys/bus/pci/devices/0000:01:00.0/driver");
        },
            "problem driver: No driver of NPUs is loaded.",
            "problem pci: The card at 0000:00:00.0 has no driver.",
            "problem pci: The card at 0000:01:00.0 has no driver.",
            $"problem registration: beta.furiosa.ai/npu offers '{DoctorNode.Id(0)}', which this node does not have.",
            $"problem registration: beta.furiosa.ai/npu offers '{DoctorNode.Id(1)}', which this node does not have.",
            $"problem feature-file: '{DoctorNode.FeatureFile}' says beta.furiosa.ai/npu.count=2, and the node has 0."),
        BrokenSetup.Of("a card without a driver", node => node.AddPciFunction("0000:5e:00.0", null),
            "problem pci: The card at 0000:5e:00.0 has no driver."),
        BrokenSetup.Of("a card that its driver could not start", node => node.AddPciFunction("0000:5e:00.0", "npu"),
            "problem pci: The card at 0000:5e:00.0 has the driver npu, which does not show it."),
        BrokenSetup.Of("a card given to a virtual machine", node => node.AddPciFunction("0000:5e:00.0", "vfio-pci"),
            "warning pci: The card at 0000:5e:00.0 is given to a virtual machine."),
        BrokenSetup.Of("a card fallen off the bus", node => node.Host.Delete(node.Cards[1].PciFolder),
            "problem pci: npu1 is not on the PCI bus: 0000:01:00.0 is empty."),
        BrokenSetup.Of("a dead card", node => node.Cards[1].Set("alive", "0\n"),
            "problem device: npu1 does not work.",
            $"problem registration: beta.furiosa.ai/npu offers '{DoctorNode.Id(1)}', which is npu1 and does not work."),
        BrokenSetup.Of("a card whose health cannot be read", node => node.Cards[1].WithUnreadable("alive"),
            "problem device: Whether npu1 works is not known.",
            "warning device: '/sys/class/npu_mgmt/npu1_mgmt/alive' cannot be read: Input/output error : '/sys/class/npu_mgmt/npu1_mgmt/alive'.",
            $"problem registration: beta.furiosa.ai/npu offers '{DoctorNode.Id(1)}', which is npu1 and does not work."),
        BrokenSetup.Of("no device nodes", node =>
        {
            foreach (var path in node.Cards[1].Nodes)
                node.Host.Delete(path);
        },
            "problem device: npu1 has no device node in /dev."),
        BrokenSetup.Of("some device nodes missing", node => node.Host.Delete("/dev/npu1_mgmt"),
            "warning device: npu1 lacks device nodes: there is no node to manage it."),
        BrokenSetup.Of("two cards with one UUID", node =>
        {
            node.Cards[1].Set("device_uuid", DoctorNode.Id(0) + "\n");
            node.Host.Write(DoctorNode.Checkpoint, DoctorNode.CheckpointOf(("beta.furiosa.ai/npu", ["0000:00:00.0", "0000:01:00.0"])));
        },
            $"warning device: npu0 and npu1 have the same UUID {DoctorNode.Id(0)}."),
        BrokenSetup.Of("a card that tells no place", node => node.Cards[1].Set("busname", "here\n"),
            "problem pci: The card at 0000:01:00.0 has the driver npu, which does not show it.",
            "warning device: '/sys/class/npu_mgmt/npu1_mgmt/busname' holds 'here', which is not a PCI address such as 0000:6d:00.0.",
            "problem device: A card is left out: '/sys/class/npu_mgmt/npu1_mgmt' is not counted as an NPU, since its busname is not known.",
            $"problem registration: beta.furiosa.ai/npu offers '{DoctorNode.Id(1)}', which this node does not have.",
            $"problem feature-file: '{DoctorNode.FeatureFile}' says beta.furiosa.ai/npu.count=2, and the node has 1."),
        BrokenSetup.Of("hot air", node => node.Host.Write($"{node.Cards[1].HwmonFolder}/temp1_input", "55000\n"),
            "warning sensors: npu1 stands in air of 55.0 °C."),
        BrokenSetup.Of("errors on the bus", node => node.Cards[1].Set("atr_error", "PCIe Post Error: 4\nPCIe Doorbell done: 9\n"),
            "warning sensors: npu1 has counted errors: pcie_post_error 4."),
        BrokenSetup.Of("a sensor that cannot be read", node => node.Host.MakeUnreadable($"{node.Cards[1].HwmonFolder}/power1_average"),
            "warning sensors: '/sys/bus/pci/devices/0000:01:00.0/hwmon/hwmon0/power1_average' cannot be read: Input/output error."),
    ];

    private static BrokenSetup[] Container =>
    [
        BrokenSetup.Of("/sys/bus not mounted", node =>
        {
            node.IsContainer = true;
            node.Host.Delete("/sys/bus");
        },
            "problem mounts: '/sys/bus' is missing.",
            "problem pci: The cards on the PCI bus are not known."),
        BrokenSetup.Of("/sys/devices not mounted", node =>
        {
            node.IsContainer = true;
            node.Host.Delete("/sys/devices");
        },
            "problem mounts: '/sys/devices' is missing.",
            "problem driver: The host cannot be read.",
            "problem device: Nothing is known of the cards."),
        BrokenSetup.Of("features.d not mounted", node => node.Host.Delete(DoctorNode.Features),
            $"warning feature-file: '{DoctorNode.Features}' is missing, so there is no feature file."),
        BrokenSetup.Of("features.d not writable", node =>
        {
            node.Host.Delete(DoctorNode.Features);
            // No user may make a file there, root neither.
            File.CreateSymbolicLink(node.Host.At(DoctorNode.Features), "/proc/sys/net");
        },
            $"warning feature-file: '{DoctorNode.Features}' may not be written by user {FileRights.UserId} (Permission denied).",
            $"warning feature-file: There is no feature file '{DoctorNode.FeatureFile}'."),
    ];

    private static BrokenSetup[] Kubelet =>
    [
        BrokenSetup.Of("device-plugins not mounted", node => node.Host.Delete(DoctorNode.Plugins),
            $"warning kubelet: '{DoctorNode.Plugins}' is missing, so the kubelet and its plugins cannot be looked at."),
        new("no kubelet", (node, _) =>
        {
            node.Host.Delete(DoctorNode.KubeletSocket);
            return Task.CompletedTask;
        },
            $"problem kubelet: '{DoctorNode.Plugins}/kubelet.sock' is missing: the kubelet does not run, or meets plugins elsewhere."),
        new("a kubelet that was killed", (node, _) => node.KillAsync(DoctorNode.KubeletSocket),
            $"problem kubelet: Nobody listens at '{DoctorNode.Plugins}/kubelet.sock'."),
        new("a plugin that was killed", (node, _) =>
        {
            node.Host.Write(DoctorNode.Checkpoint, DoctorNode.CheckpointOf(("beta.furiosa.ai/npu", [])));
            return node.KillAsync(DoctorNode.PluginSocket);
        },
            $"warning plugin: Nobody listens at '{DoctorNode.Plugins}/furiosa-npu'.",
            $"warning plugin: No plugin for NPUs has a socket in '{DoctorNode.Plugins}' at which it listens.",
            "problem registration: beta.furiosa.ai/npu is registered, and no plugin serves it now."),
        BrokenSetup.Of("a socket left in plugins_registry", node => node.LeaveSocket("/var/lib/kubelet/plugins_registry/furiosa-npu"),
            "warning plugin: Nobody listens at '/var/lib/kubelet/plugins_registry/furiosa-npu'."),
        new("a stranger at the plugin's socket", async (node, token) =>
        {
            await node.KillAsync(DoctorNode.PluginSocket);
            await node.ServeAsync(DoctorNode.PluginSocket, token);
        },
            $"problem plugin: Who listens at '{DoctorNode.Plugins}/furiosa-npu' does not answer as a device plugin."),
        new("two plugins", (node, token) => node.ServePluginAsync($"{DoctorNode.Plugins}/furiosa-npu-2.sock", token),
            "warning plugin: Several plugins for NPUs run on this node."),
        BrokenSetup.Of("a plugin that never registered", node => node.Host.Write(DoctorNode.Checkpoint, DoctorNode.CheckpointOf()),
            "problem registration: A plugin runs, and the kubelet knows no resource of NPUs."),
        BrokenSetup.Of("a plugin that offers nothing", node => node.Host.Write(
            DoctorNode.Checkpoint, DoctorNode.CheckpointOf(("beta.furiosa.ai/npu", []))),
            "problem registration: beta.furiosa.ai/npu has no healthy unit."),
        BrokenSetup.Of("a card that is not offered", node => node.Host.Write(
            DoctorNode.Checkpoint, DoctorNode.CheckpointOf(("beta.furiosa.ai/npu", [DoctorNode.Id(0)]))),
            "warning registration: beta.furiosa.ai/npu does not offer npu1."),
        BrokenSetup.Of("cards offered under two names", node => node.Host.Write(
            DoctorNode.Checkpoint, DoctorNode.CheckpointOf(
                ("alpha.furiosa.ai/npu", [DoctorNode.Id(0), DoctorNode.Id(1)]),
                ("beta.furiosa.ai/npu", [DoctorNode.Id(0), DoctorNode.Id(1)]))),
            "problem registration: The same cards are offered as alpha.furiosa.ai/npu and as beta.furiosa.ai/npu."),
        BrokenSetup.Of("a broken checkpoint", node => node.Host.Write(DoctorNode.Checkpoint, "{"),
            $"warning registration: '{DoctorNode.Plugins}/kubelet_internal_checkpoint' cannot be read, so what is registered is not known."),
    ];

    private static BrokenSetup[] Pods =>
    [
        new("pod-resources without a kubelet", (node, _) => node.Pods.StopAsync(),
            "warning allocation: The kubelet does not tell at '/var/lib/kubelet/pod-resources/kubelet.sock' who holds which NPU."),
        BrokenSetup.Of("one card held twice", node =>
        {
            node.Pods.Add("a", "main", ("beta.furiosa.ai/npu", [DoctorNode.Id(0)]));
            node.Pods.Add("b", "main", ("beta.furiosa.ai/npu", [DoctorNode.Id(0)]));
        },
            $"problem allocation: '{DoctorNode.Id(0)}' is held by several Pods: default/a (main), default/b (main)."),
        BrokenSetup.Of("a card and a core of it held", node =>
        {
            node.Pods.Add("a", "main", ("beta.furiosa.ai/npu", [DoctorNode.Id(0)]));
            node.Pods.Add("b", "main", ("alpha.furiosa.ai/npu", [DoctorNode.Id(0) + "_cores_1"]));
        },
            $"problem allocation: Pods hold parts of '{DoctorNode.Id(0)}' that overlap: default/a (main), default/b (main)."),
        BrokenSetup.Of("a card held that is gone", node => node.Pods.Add("a", "main", ("beta.furiosa.ai/npu", [DoctorNode.Id(7)])),
            $"problem allocation: default/a (main) holds '{DoctorNode.Id(7)}', which this node does not have."),
        BrokenSetup.Of("a dead card held", node =>
        {
            node.Cards[0].Set("alive", "0\n");
            node.Host.Write(DoctorNode.Checkpoint, DoctorNode.CheckpointOf(("beta.furiosa.ai/npu", [DoctorNode.Id(1)])));
            node.Pods.Add("a", "main", ("beta.furiosa.ai/npu", [DoctorNode.Id(0)]));
        },
            "problem device: npu0 does not work.",
            "problem allocation: default/a (main) holds npu0, which does not work: alive is 0, and 1 while the card is alive."),
    ];

    private static BrokenSetup[] Published =>
    [
        BrokenSetup.Of("no feature file", node => node.Host.Delete(DoctorNode.FeatureFile),
            $"warning feature-file: There is no feature file '{DoctorNode.FeatureFile}'."),
        BrokenSetup.Of("a label agent that was killed", node => node.Time.Advance(TimeSpan.FromMinutes(6)),
            $"problem feature-file: '{DoctorNode.FeatureFile}' is out of force since 2026-01-01T00:05:00Z."),
        BrokenSetup.Of("a feature file that NFD may not read",
            node => File.SetUnixFileMode(node.Host.At(DoctorNode.FeatureFile), UnixFileMode.UserRead | UnixFileMode.UserWrite),
            $"problem feature-file: '{DoctorNode.FeatureFile}' has the mode 600, so that nfd-worker may not read it."),
        BrokenSetup.Of("a feature file of another day", node => node.Host.Write(DoctorNode.FeatureFile, "beta.furiosa.ai/npu.count=1\n"),
            $"problem feature-file: '{DoctorNode.FeatureFile}' says beta.furiosa.ai/npu.count=1, and the node has 2."),
        BrokenSetup.Of("files of furiosa-feature-discovery", node =>
        {
            node.Host.Write($"{DoctorNode.Features}/ffd", "furiosa.ai/npu.count=2\n");
            node.Host.Write($"{DoctorNode.Features}/.ffd-Xy7", "furiosa.ai/");
        },
            $"warning leftover: '{DoctorNode.Features}/.ffd-Xy7' is what a killed furiosa-feature-discovery was writing.",
            $"warning leftover: '{DoctorNode.Features}/ffd' is the feature file of furiosa-feature-discovery."),
        BrokenSetup.Of("a hook of an earlier tool", node => node.Host.Write(
            "/etc/kubernetes/node-feature-discovery/source.d/furiosa-npu", "#!/bin/sh\n"),
            "warning leftover: '/etc/kubernetes/node-feature-discovery/source.d/furiosa-npu' is an NFD hook of an earlier tool."),
        new("a CDI file without a plugin", async (node, _) =>
        {
            node.Host.Write($"{DoctorNode.Cdi}/npu-feature-discovery.json", """{"kind":"furiosa.ai/npu"}""");
            node.Host.Write(DoctorNode.Checkpoint, DoctorNode.CheckpointOf());
            await node.KillAsync(DoctorNode.PluginSocket);
            node.Host.Delete(DoctorNode.PluginSocket);
        },
            $"warning plugin: No plugin for NPUs has a socket in '{DoctorNode.Plugins}' at which it listens.",
            "warning leftover: '/etc/cdi/npu-feature-discovery.json' names NPUs for the container runtime, and no plugin runs that keeps it."),
        BrokenSetup.Of("two CDI files", node =>
        {
            node.Host.Write($"{DoctorNode.Cdi}/npu-feature-discovery.json", """{"kind":"furiosa.ai/npu"}""");
            node.Host.Write($"{DoctorNode.Cdi}/furiosa.yaml", "kind: furiosa.ai/npu\n");
        },
            "warning leftover: Several CDI files name NPUs: '/etc/cdi/furiosa.yaml', '/etc/cdi/npu-feature-discovery.json'."),
    ];

    private static IEnumerable<BrokenSetup> All => [.. Host, .. Container, .. Kubelet, .. Pods, .. Published];

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Test]
    [CancelAfter(Deadline)]
    public async Task Of_a_node_where_all_is_well_every_line_is_OK(CancellationToken token)
    {
        await _node.StartAsync(token);

        var difference = VerifiedText.Difference(DoctorText.Draw(await _node.ReportAsync(token), isColoured: false), "doctor.well");

        Assert.That(difference, Is.Null, difference);
    }

    [TestCase(true, "Give the Pod a hostPath volume of /sys/bus, mounted at /sys/bus, read-only.")]
    [TestCase(false, "Let --root name a folder that holds the host's sys and dev.")]
    [CancelAfter(Deadline)]
    public async Task In_a_container_it_says_what_to_mount(bool isContainer, string remedy)
    {
        var token = TestContext.CurrentContext.CancellationToken;
        await _node.StartAsync(token);
        _node.IsContainer = isContainer;
        _node.Host.Delete("/sys/bus");

        var report = await _node.ReportAsync(token);

        Assert.That(report.Findings.Single(finding => finding.Check == "mounts").Remedy, Is.EqualTo(remedy));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Sockets_of_other_makers_plugins_are_left_alone(CancellationToken token)
    {
        await _node.StartAsync(token);
        _node.LeaveSocket($"{DoctorNode.Plugins}/npu.example.com-npu.sock");

        var report = await _node.ReportAsync(token);

        Assert.That(report.Worst, Is.EqualTo(FindingLevel.Ok));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task What_is_written_down_for_a_Pod_that_has_ended_is_no_fault(CancellationToken token)
    {
        await _node.StartAsync(token);
        _node.Host.Write(DoctorNode.Checkpoint, DoctorNode.CheckpointOf(("beta.furiosa.ai/npu", [DoctorNode.Id(0), DoctorNode.Id(1)])).Replace(
            "\"PodDeviceEntries\":[]",
            $$$"""
            "PodDeviceEntries":[{"PodUID":"u","ResourceName":"beta.furiosa.ai/npu","DeviceIDs":{"0":["{{{DoctorNode.Id(0)}}}"]}}]
            """, StringComparison.Ordinal));

        var report = await _node.ReportAsync(token);

        var allocation = report.Findings.Single(finding => finding.Check == "allocation");
        Assert.That((allocation.Level, allocation.What), Is.EqualTo((FindingLevel.Ok, "No Pod holds an NPU.")));
        Assert.That(allocation.Why, Does.Contain($"still names '{DoctorNode.Id(0)}'"));
    }

    [TestCaseSource(nameof(All))]
    [CancelAfter(Deadline)]
    public async Task Doctor_names(BrokenSetup setup)
    {
        var token = TestContext.CurrentContext.CancellationToken;
        await _node.StartAsync(token);
        await setup.Break(_node, token);

        var report = await _node.ReportAsync(token);

        string[] lines = [.. report.Findings.Where(finding => finding.Level != FindingLevel.Ok).Select(Line)];
        foreach (var line in lines)
            await TestContext.Out.WriteLineAsync($"| {setup.Name} | {line} |");
        Assert.That(lines, Is.EqualTo(setup.Lines));
        Assert.That(report.Findings.Where(finding => finding.Level != FindingLevel.Ok), Has.All.Matches<Finding>(
            finding => finding is { Why: { } why } && (finding.Remedy is not null || why.Contains("Mount ", StringComparison.Ordinal))));
    }

    private static string Line(Finding finding) => $"{DeviceDocument.NameOf(finding.Level)} {finding.Check}: {finding.What}";
}
