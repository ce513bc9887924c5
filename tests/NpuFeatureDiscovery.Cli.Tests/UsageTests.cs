using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static TestCaseData[] Mistakes =>
    [
        new((string[])["--intervall", "60"], (string[])["'--intervall'", "--interval,"]),
        new((string[])["labels"], (string[])["'labels'", "allowed are label, device-plugin, metrics-exporter, agent, devices, validate, doctor"]),
        new((string[])["label", "now"], (string[])["'now'", "--oneshot"]),
        new((string[])["--profile", "gamma"], (string[])["--profile", "'gamma'", "beta"]),
        new((string[])["--profile", ""], (string[])["--profile", "''", "beta"]),
        new((string[])["--hwtype", "a b"], (string[])["--hwtype", "'a b'", "1 to 63 letters"]),
        new((string[])["--hwtype", ""], (string[])["--hwtype", "''", "1 to 63 letters"]),
        new((string[])["--root", "/no/such/folder"], (string[])["--root", "'/no/such/folder'", "folder"]),
        new((string[])["--root", "/etc/hostname"], (string[])["--root", "'/etc/hostname'", "folder"]),
        new((string[])["--label", "a b/c=d"], (string[])["--label", "'a b/c'", "DNS subdomain"]),
        new((string[])["--label", "example.com/a=b c"], (string[])["--label", "'b c'", "63"]),
        new((string[])["--label", "example.com/a"], (string[])["--label", "'example.com/a'", "key=value"]),
        new((string[])["--label", "a=b"], (string[])["--label", "'a=b'", "prefix"]),
        new((string[])["--interval", "0"], (string[])["--interval", "'0'", "1s to 24h"]),
        new((string[])["--interval", "25h"], (string[])["--interval", "'25h'", "1s to 24h"]),
        new((string[])["--interval", "-1"], (string[])["--interval", "'-1'", "1s to 24h"]),
        new((string[])["--interval", "1.5"], (string[])["--interval", "'1.5'", "1s to 24h"]),
        new((string[])["--interval", "soon"], (string[])["--interval", "'soon'", "1s to 24h"]),
        new((string[])["--interval"], (string[])["--interval"]),
        new((string[])["--interval", "1", "--interval", "2"], (string[])["--interval"]),
        new((string[])["--health-interval", "0"], (string[])["--health-interval", "'0'", "1s"]),
        new((string[])["--health-interval", "2m"], (string[])["--health-interval", "'2m'", "--interval 60s"]),
        new((string[])["--lease", "forever"], (string[])["--lease", "'forever'", "auto, off"]),
        new((string[])["--lease", "0"], (string[])["--lease", "'0'", "1s to 720h"]),
        new((string[])["--lease", "2m"], (string[])["--lease", "'2m'", "--interval 60s", "three times"]),
        new((string[])["--on-exit", "vanish"], (string[])["--on-exit", "'vanish'", "lease, remove, keep"]),
        new((string[])["--lease", "off", "--on-exit", "lease"], (string[])["--on-exit", "'lease'", "remove and keep"]),
        new((string[])["--output", "stdout"], (string[])["--output", "'stdout'", "auto, file, node-feature, node, -"]),
        new((string[])["--no-device", "zero"], (string[])["--no-device", "'zero'", "count, remove"]),
        new((string[])["--file-name", ".hidden"], (string[])["--file-name", "'.hidden'", "'.'"]),
        new((string[])["--file-name", "a/b"], (string[])["--file-name", "'a/b'", "plain file name"]),
        new((string[])["--features-dir", ""], (string[])["--features-dir", "''", "path"]),
        new((string[])["--root", ""], (string[])["--root", "''", "folder"]),
        new((string[])["--log-level", "loud"], (string[])["--log-level", "'loud'", "info, debug, warning, error"]),
        new((string[])["--log-format", "xml"], (string[])["--log-format", "'xml'", "text, json"]),
        new((string[])["--dry-run", "--output", "-"], (string[])["--dry-run", "--output -", "allowed are --output auto, file"]),
        new((string[])["--cleanup", "--output", "-"], (string[])["--cleanup", "--output -", "allowed are --output auto, file"]),
        new((string[])["--cleanup", "--dry-run"], (string[])["'--dry-run'", "'--cleanup'"]),
        new((string[])["--address", ":8080", "--oneshot"], (string[])["'--address'", "'--oneshot'"]),
        new((string[])["--address", ":8080", "--cleanup"], (string[])["'--address'", "'--cleanup'"]),
        new((string[])["--address", "here"], (string[])["--address", "'here'", "HOST:PORT"]),
        new((string[])["--output", "node", "--features-dir", "/tmp"], (string[])["'--features-dir'", "--output node"]),
        new((string[])["--output", "node", "--file-name", "npus"], (string[])["'--file-name'", "--output node"]),
        new((string[])["--output", "node", "--namespace", "npus"], (string[])["'--namespace'", "--output node"]),
        new((string[])["--output", "node-feature", "--lease", "1h"], (string[])["'--lease'", "--output node-feature"]),
        new((string[])["--output", "node-feature", "--on-exit", "keep"], (string[])["'--on-exit'", "--output node-feature"]),
        new((string[])["--output", "file", "--force-conflicts"], (string[])["'--force-conflicts'", "--output file"]),
        new((string[])["--output", "file", "--resync", "1m"], (string[])["'--resync'", "--output file"]),
        new((string[])["--output", "-", "--namespace", "npus"], (string[])["'--namespace'", "--output -"]),
        new((string[])["--output", "file", "--events"], (string[])["'--events'", "--output file"]),
        new((string[])["--oneshot", "--events"], (string[])["'--events'", "'--oneshot'"]),
        new((string[])["--namespace", "a.b"], (string[])["--namespace", "'a.b'", "63"]),
        new((string[])["--resync", "0"], (string[])["--resync", "'0'", "1s to 24h"]),
        new((string[])["--node-name", ""], (string[])["--node-name", "''", "Node"]),
        new((string[])["--output", "node"], (string[])["--output", "'node'", "there is no API server", "KUBECONFIG"]),
        new((string[])["--output", "node-feature", "--cleanup"], (string[])["'node-feature'", "there is no API server"]),
    ];

    private static TestCaseData[] DevicePluginMistakes =>
    [
        new((string[])["--default-pe", "Both"], (string[])["--default-pe", "'Both'", "Fusion and Single"]),
        new((string[])["--allocation-policy", "dense"], (string[])["--allocation-policy", "'dense'", "packed and spread"]),
        new((string[])["--interval", "0"], (string[])["--interval", "'0'", "1s to 24h"]),
        new((string[])["--disabled-devices", "npu1,card2"], (string[])["--disabled-devices", "'card2'", "npu0 to npu255"]),
        new((string[])["--disabled-devices", "npu256"], (string[])["'npu256'", "npu0 to npu255"]),
        new((string[])["--disabled-devices", "npu01"], (string[])["'npu01'", "npu0 to npu255"]),
        new((string[])["--plugin-dir", "/no/such/folder"], (string[])["--plugin-dir", "'/no/such/folder'", "no such folder"]),
        new((string[])["--plugin-dir", "/tmp", "--socket-name", "a/b"], (string[])["--socket-name", "'a/b'", "file name"]),
        new((string[])["--plugin-dir", "/tmp", "--socket-name", new string('s', 103)], (string[])["--socket-name", "108 bytes", "107"]),
        new((string[])["--plugin-dir", "/tmp", "--socket-name", "npu-{pod}"], (string[])["--socket-name", "POD_UID", "metadata.uid"]),
        new((string[])["--registration", "both"], (string[])["--registration", "'both'", "classic, watcher, auto"]),
        new((string[])["--registration", "watcher", "--registry-dir", "/no/such/folder"], (string[])
            ["--registry-dir", "'/no/such/folder'", "no such folder"]),
        new((string[])["--registration", "watcher", "--registry-dir", "/tmp", "--socket-name", ".npu"], (string[])
            ["--socket-name", "'.npu'", "begin with '.'"]),
        new((string[])["--resource-name", "npu"], (string[])["--resource-name", "'npu'", "beta.furiosa.ai/npu"]),
        new((string[])["--resource-name", "kubernetes.io/npu"], (string[])["--resource-name", "Kubernetes' own"]),
        new((string[])["--resource-name", "a/{card}"], (string[])["--resource-name", "{family} and {product}"]),
        new((string[])["--cdi", "on"], (string[])["--cdi", "'on'", "off, annotations, field"]),
        new((string[])["--cdi-dir", "cdi"], (string[])["--cdi-dir", "'cdi'", "absolute"]),
        new((string[])["--address", "here"], (string[])["--address", "'here'", "HOST:PORT"]),
        new((string[])["--address", ":65536"], (string[])["--address", "':65536'", "65535"]),
        new((string[])["--node-name", ""], (string[])["--node-name", "''", "Node"]),
        new((string[])["--config-file", "/no/such/file"], (string[])["/no/such/file"]),
        new((string[])["--config-file", "f", "--interval", "5"], (string[])["'--interval'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--default-pe", "Single"], (string[])["'--default-pe'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--allocation-policy", "spread"], (string[])["'--allocation-policy'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--disabled-devices", "npu0"], (string[])["'--disabled-devices'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--plugin-dir", "/tmp"], (string[])["'--plugin-dir'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--socket-name", "s"], (string[])["'--socket-name'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--registration", "auto"], (string[])["'--registration'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--registry-dir", "/tmp"], (string[])["'--registry-dir'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--resource-name", "a/b"], (string[])["'--resource-name'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--cdi", "field"], (string[])["'--cdi'", "'--config-file'"]),
        new((string[])["--config-file", "f", "--cdi-dir", "/etc/cdi"], (string[])["'--cdi-dir'", "'--config-file'"]),
        new((string[])["--oneshot"], (string[])["'--oneshot'", "--default-pe,"]),
    ];

    private static TestCaseData[] MetricsExporterMistakes =>
    [
        new((string[])["--node-name", ""], (string[])["--node-name", "''", "Node"]),
        new((string[])["--resource-name", "npu"], (string[])["--resource-name", "'npu'", "beta.furiosa.ai/npu"]),
        new((string[])["--resource-name", "a/b,*"], (string[])["--resource-name", "'*'", "'/'"]),
        new((string[])["--resource-name", "a/{family}"], (string[])["--resource-name", "'a/{family}'", "end the name in *"]),
        new((string[])["--pod-labels", "--pod-resources", "off"], (string[])["'--pod-labels'", "'--pod-resources off'"]),
    ];

    private static TestCaseData[] DevicesMistakes =>
    [
        new((string[])["--output", "xml"], (string[])["--output", "'xml'", "table, wide, json, yaml"]),
        new((string[])["--root", "/no/such/folder"], (string[])["--root", "'/no/such/folder'", "folder"]),
        new((string[])["--oneshot"], (string[])["'--oneshot'", "--output, --all, --allocations"]),
        new((string[])["--pod-resources", "/a.sock"], (string[])["'--pod-resources'", "'--allocations'"]),
        new((string[])["--resource-name", "a/b"], (string[])["'--resource-name'", "'--allocations'"]),
        new((string[])["--interval", "5"], (string[])["'--interval'", "'--watch'"]),
        new((string[])["--watch", "--interval", "0"], (string[])["--interval", "'0'", "1s to 24h"]),
        new((string[])["npu0"], (string[])["'npu0'", "--all"]),
    ];

    private static TestCaseData[] ValidateMistakes =>
    [
        new((string[])[], (string[])["'validate'"]),
        new((string[])["/no/such/file"], (string[])["'/no/such/file'", "No such file", "standard input"]),
        new((string[])["-", "--nfd-version", "0.7"], (string[])["--nfd-version", "'0.7'", "0.8 to 0.19"]),
        new((string[])["-", "--nfd-version", "latest"], (string[])["--nfd-version", "'latest'", "0.8 to 0.19"]),
        new((string[])["-", "--extra-label-ns", "a_b"], (string[])["--extra-label-ns", "'a_b'", "furiosa.ai"]),
        new((string[])["-", "--deny-label-ns", "a.*"], (string[])["--deny-label-ns", "'a.*'", "*.furiosa.ai"]),
        new((string[])["-", "--deny-label-ns", "*", "--nfd-version", "0.12"], (string[])["'--deny-label-ns'", "0.12", "0.13"]),
        new((string[])["-", "--output", "yaml"], (string[])["--output", "'yaml'", "table, json"]),
        new((string[])["-", "--oneshot"], (string[])["'--oneshot'", "--nfd-version,"]),
        new((string[])["/dev/null"], (string[])["'/dev/null'", "no regular file"]),
    ];

    private static TestCaseData[] DoctorMistakes =>
    [
        new((string[])["--output", "wide"], (string[])["--output", "'wide'", "table, json"]),
        new((string[])["--bundle", "/etc/hostname"], (string[])["--bundle", "'/etc/hostname'", "choose another"]),
        new((string[])["--address", "here"], (string[])["--address", "'here'", "HOST:PORT"]),
        new((string[])["--file-name", ".hidden"], (string[])["--file-name", "'.hidden'", "'.'"]),
        new((string[])["--resource-name", "npu"], (string[])["--resource-name", "'npu'", "beta.furiosa.ai/npu"]),
        new((string[])["--plugin-dir", ""], (string[])["--plugin-dir", "''", "path"]),
        new((string[])["--oneshot"], (string[])["'--oneshot'", "--bundle,"]),
    ];

    [TestCaseSource(nameof(ValidateMistakes))]
    public Task A_mistake_of_the_validation_is_told_in_the_same_way(string[] args, string[] words) =>
        A_mistake_is_exit_code_2_and_a_sentence_that_names_it(["validate", .. args], words);

    [TestCaseSource(nameof(DoctorMistakes))]
    public Task A_mistake_of_the_doctor_is_told_in_the_same_way(string[] args, string[] words) =>
        A_mistake_is_exit_code_2_and_a_sentence_that_names_it(["doctor", .. args], words);

    [TestCaseSource(nameof(MetricsExporterMistakes))]
    public Task A_mistake_of_the_metrics_exporter_is_told_in_the_same_way(string[] args, string[] words) =>
        A_mistake_is_exit_code_2_and_a_sentence_that_names_it(["metrics-exporter", .. args], words);

    [TestCaseSource(nameof(DevicesMistakes))]
    public Task A_mistake_of_the_list_of_devices_is_told_in_the_same_way(string[] args, string[] words) =>
        A_mistake_is_exit_code_2_and_a_sentence_that_names_it(["devices", .. args], words);

    [TestCaseSource(nameof(DevicePluginMistakes))]
    public Task A_mistake_of_the_device_plugin_is_told_in_the_same_way(string[] args, string[] words) =>
        A_mistake_is_exit_code_2_and_a_sentence_that_names_it(["device-plugin", .. args], words);

    [TestCaseSource(nameof(Mistakes))]
    public async Task A_mistake_is_exit_code_2_and_a_sentence_that_names_it(string[] args, string[] words)
    {
        var result = await CommandLine.RunAsync(args);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.EqualTo(2));
            Assert.That(result.Output, Is.Empty);
            foreach (var word in words)
                Assert.That(result.Error.Split('\n')[0], Does.Contain(word));

            Assert.That(result.Error, Does.Contain("--help"));
        }
    }

    [Test]
    public async Task All_mistakes_are_told_at_once()
    {
        var result = await CommandLine.RunAsync("--interval", "0", "--profile", "beta,gamma", "--output", "x");

        Assert.That(result.Error, Does.Contain("'0'").And.Contain("'gamma'").And.Contain("'x'"));
    }

    [Test]
    public async Task A_root_without_sys_is_exit_code_1([Values] bool oneShot)
    {
        string[] mode = oneShot ? ["--oneshot"] : [];

        var result = await CommandLine.RunAsync(["label", "--root", _folder.Path, "--output", "-", .. mode]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.EqualTo(1));
            Assert.That(result.Error, Does.Contain($"'{_folder.Path}'").And.Contain("sys"));
        }
    }

    [Test]
    public async Task Devices_of_a_root_without_sys_are_exit_code_1()
    {
        var result = await CommandLine.RunAsync("devices", "--root", _folder.Path);

        Assert.That((result.ExitCode, result.Output, result.Error), Is.EqualTo(
            (1, "", $"npu-feature-discovery: '{_folder.Path}' has no folder 'sys', so it is not a host's root. "
                + "Choose a folder that holds sys and dev.\n")));
    }

    [Test]
    public async Task Help_of_the_program_lists_the_commands_and_help_of_a_command_its_options_with_defaults()
    {
        var program = await CommandLine.RunAsync("--help");
        var label = await CommandLine.RunAsync("label", "--help");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((program.ExitCode, label.ExitCode), Is.EqualTo((0, 0)));
            Assert.That(program.Output, Does.Contain("label"));
            Assert.That(label.Output, Does.Contain("[default: 60s]").And.Contain("[default: auto]").And.Contain("[default: 10m]")
                .And.Contain("[default: count]").And.Contain("[default: info]")
                .And.Contain("/etc/kubernetes/node-feature-discovery/features.d"));
        }
    }
}
