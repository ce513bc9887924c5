using System.Formats.Tar;
using System.IO.Compression;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor;

public sealed class DoctorBundleTests : IAsyncDisposable
{
    private const int Deadline = 120_000;
    private const string Secret = "hunter2-5up3r-53cr3t";

    private readonly DoctorNode _node = new();
    private readonly TemporaryFolder _folder = new();

    private string Bundle => _folder.At("bundle.tar.gz");

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return _node.DisposeAsync();
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task It_holds_what_a_report_of_a_fault_needs(CancellationToken token)
    {
        await _node.StartAsync(token);
        _node.Pods.Add("trainer", "main", ("beta.furiosa.ai/npu", [DoctorNode.Id(0)]));

        var result = await RunAsync("--pod-resources", _node.Pods.SocketPath);

        var files = Read(Bundle);
        Assert.That(files.Keys, Is.EquivalentTo((string[])[
            "versions.txt", "report.txt", "report.json", "configuration.txt", "snapshot.json", "pci.txt", "folders.txt",
            "kubelet-checkpoint.txt", "allocations.txt", "feature-file.txt"]));
        Assert.That(result.Error, Is.EqualTo(
            $"npu-feature-discovery: 10 files are in '{Bundle}'. See what it tells before you give it away.\n"));
        Assert.That(files["report.txt"], Is.EqualTo(result.Output));
        Assert.That(files["versions.txt"], Does.Contain("npu-feature-discovery 0.1.0").And.Contain(".NET 10").And.Contain("kernel "));
        Assert.That(files["snapshot.json"], Does.Contain("\"temperatureMillicelsius\": 40000"));
        Assert.That(files["pci.txt"], Is.EqualTo("0000:00:00.0 npu\n0000:01:00.0 npu\n"));
        Assert.That(files["folders.txt"], Does.Match("(?m)^s[0-7]{4} .* furiosa-npu$").And.Match("(?m)^-0644 .* npu-feature-discovery$"));
        Assert.That(files["kubelet-checkpoint.txt"], Is.EqualTo(
            $"registered beta.furiosa.ai/npu: {DoctorNode.Id(0)} {DoctorNode.Id(1)}\n"));
        Assert.That(files["allocations.txt"], Is.EqualTo($"beta.furiosa.ai/npu {DoctorNode.Id(0)} default/trainer main\n"));
        Assert.That(files["feature-file.txt"], Is.EqualTo(File.ReadAllText(_node.Host.At(DoctorNode.FeatureFile))));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task What_a_running_program_serves_is_in_it(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        using var agent = new Daemon("agent", "--enable", "metrics", "--root", _node.Host.Path, "--address", "127.0.0.1:0");
        var address = (await agent.WaitForAsync("Serving /metrics", token)).Split(" at ")[1];
        await agent.WaitForAsync("Part metrics runs", token);

        await RunAsync("--address", address);

        var files = Read(Bundle);
        Assert.That(files["readyz.json"], Does.Contain("\"checks\""));
        Assert.That(files["status.json"], Does.Contain("\"lastProblems\""));
        Assert.That(files["metrics.txt"], Does.Contain("furiosa_npu_alive"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Secrets_wherever_they_are_stay_where_they_are(CancellationToken token)
    {
        await _node.StartAsync(token);
        await using var api = await FakeKubernetesApi.StartAsync(token);
        var account = await api.AddAccountAsync();
        var kubeconfig = account.Source.Split(" of ")[1];
        File.WriteAllText(kubeconfig, File.ReadAllText(kubeconfig) + $"\n# {Secret}\n");
        foreach (var path in (string[])[
            "/etc/furiosa/config.yaml", "/root/.kube/config", "/var/run/secrets/kubernetes.io/serviceaccount/token", $"{DoctorNode.Cdi}/other.json",
            $"{DoctorNode.Features}/of-another-tool", $"{DoctorNode.Features}/.npu-feature-discovery.d/staged", $"{DoctorNode.Plugins}/state"])
            _node.Host.Write(path, Secret);

        _node.Host.Write(DoctorNode.Checkpoint, $$$"""
            {"Data":{"PodDeviceEntries":[{"PodUID":"u","ContainerName":"main","ResourceName":"beta.furiosa.ai/npu","DeviceIDs":["x"],
            "AllocResp":"{{{Secret}}}"}],"RegisteredDevices":{}},"Checksum":"{{{Secret}}}"}
            """);
        Dictionary<string, string> environment = new()
        {
            ["KUBECONFIG"] = kubeconfig,
            ["NODE_NAME"] = "node-1",
            ["API_TOKEN"] = Secret,
            ["FURIOSA_PASSWORD"] = Secret,
            ["HTTPS_PROXY"] = $"http://user:{Secret}@proxy",
        };

        await RunInAsync(environment);

        var files = Read(Bundle);
        Assert.That(files["configuration.txt"], Does.Contain("NODE_NAME=node-1"));
        var secrets = File.ReadLines(kubeconfig).Where(line => line.Contains("token: ", StringComparison.Ordinal))
            .Select(line => line.Split("token: ")[1].Trim(' ', '}')).Append(Secret);
        foreach (var secret in secrets)
            Assert.That(files.Values, Has.None.Contains(secret));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Nobody_else_may_read_it()
    {
        await RunAsync();

        Assert.That(File.GetUnixFileMode(Bundle), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_file_that_is_there_stays_as_it_is()
    {
        File.WriteAllText(Bundle, "mine");

        var result = await RunAsync();

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((ExitCode.Usage, "")));
        Assert.That(result.Error, Does.Contain($"'{Bundle}'").And.Contain("remove it, or choose another"));
        Assert.That(File.ReadAllText(Bundle), Is.EqualTo("mine"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_folder_that_is_missing_is_told()
    {
        var result = await CommandLine.RunAsync("doctor", "--root", _node.Host.Path, "--bundle", _folder.At("none/bundle.tar.gz"));

        Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(result.Error, Does.Contain("--bundle").And.Contain("none/bundle.tar.gz"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Out_of_a_container_it_comes_by_standard_output(CancellationToken token)
    {
        var result = await TheProgram.ShellAsync(
            $"$program doctor --root {Repository.At("samples/nodes/mixed")} --bundle - > {Bundle}", token);

        Assert.That(result.Error, Does.Contain("OK       mounts"));
        Assert.That(Read(Bundle)["report.txt"], Is.EqualTo(result.Error));
    }

    private Task<ProgramResult> RunAsync(params string[] options) => RunInAsync([], options);

    private Task<ProgramResult> RunInAsync(Dictionary<string, string> environment, params string[] options) =>
        CommandLine.RunInAsync(environment, ["doctor", "--root", _node.Host.Path, "--bundle", Bundle, .. options]);

    private static Dictionary<string, string> Read(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var archive = new TarReader(stream);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        while (archive.GetNextEntry() is { } entry)
        {
            using var text = new StreamReader(entry.DataStream!);
            files.Add(entry.Name["npu-doctor/".Length..], text.ReadToEnd());
        }

        return files;
    }
}
