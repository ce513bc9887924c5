using System.Text.Json;
using NpuFeatureDiscovery.Cli.Doctor;
using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor;

public sealed class DoctorCommandTests : IAsyncDisposable
{
    private const int Deadline = 120_000;

    /// <summary>Whatever else there is on the machine of the test.</summary>
    private static readonly string[] NoKubelet =
    [
        "--plugin-dir", "/no/such/folder", "--registry-dir", "/no/such/folder", "--pod-resources", "/no/such/folder/kubelet.sock",
        "--features-dir", "/no/such/folder", "--cdi-dir", "/no/such/folder",
    ];

    private readonly DoctorNode _node = new();

    private static IEnumerable<string> Samples =>
        Directory.GetDirectories(Repository.At("samples/nodes")).Select(Path.GetFileName).Order(StringComparer.Ordinal)!;

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [TestCaseSource(nameof(Samples))]
    [CancelAfter(Deadline)]
    public async Task Of_a_sample_node_it_says_what_somebody_has_read_and_accepted(string sample)
    {
        var token = TestContext.CurrentContext.CancellationToken;
        var report = await _node.ReportAsync(token, new(Repository.At($"samples/nodes/{sample}")));

        var difference = VerifiedText.Difference(DoctorText.Draw(report, isColoured: false), $"doctor.{sample}");

        Assert.That(difference, Is.Null, difference);
    }

    [TestCase("mixed", ExitCode.Done)]
    [TestCase("degraded", ExitCode.Failed)]
    [TestCase("mixed", ExitCode.Failed, "--strict")]
    [CancelAfter(Deadline)]
    public async Task The_worst_line_decides_the_exit_code(string sample, int exitCode, params string[] options)
    {
        var result = await CommandLine.RunAsync(
            ["doctor", "--root", Repository.At($"samples/nodes/{sample}"), "--output", "json", .. NoKubelet, .. options]);

        var worst = JsonDocument.Parse(result.Output).RootElement.GetProperty("worst").GetString();
        Assert.That((result.ExitCode, worst, result.Error), Is.EqualTo((exitCode, sample == "degraded" ? "problem" : "warning", "")));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Folders_are_looked_for_below_the_root_first_and_where_an_option_says_nowhere_else(CancellationToken token)
    {
        await _node.StartAsync(token);

        var found = await CommandLine.RunAsync("doctor", "--root", _node.Host.Path);
        var said = await CommandLine.RunAsync("doctor", "--root", _node.Host.Path, "--plugin-dir", "/no/such/folder");

        Assert.That(Unwrapped(found.Output), Does.Contain($"The kubelet listens at '{_node.Host.At(DoctorNode.KubeletSocket)}'."));
        Assert.That(Unwrapped(said.Output), Does.Contain("'/no/such/folder' is missing"));

        static string Unwrapped(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task It_changes_nothing(CancellationToken token)
    {
        await _node.StartAsync(token);
        _node.Host.Write($"{DoctorNode.Features}/.npu-feature-discovery.d/staged", "");
        _node.LeaveSocket($"{DoctorNode.Plugins}/furiosa-old");
        await using var api = await FakeKubernetesApi.StartAsync(token);
        _node.Kubernetes = new KubernetesClient(api.Admin, TimeProvider.System);
        var before = Everything(_node.Host.Path);

        using (var context = _node.Look())
            await DoctorRun.RunAsync(DoctorChecks.Of(context), _node.Time, token);

        Assert.That(Everything(_node.Host.Path), Is.EqualTo(before));
        // Which asks what this account may do.
        Assert.That(api.Requests.Where(request => !request.Path.EndsWith("/selfsubjectaccessreviews", StringComparison.Ordinal)),
            Has.All.Matches<ApiRequest>(request => request is { Method: "GET" }));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_kubelet_keeps_its_stream_of_a_real_plugin_and_the_plugin_s_own_word_counts(CancellationToken token)
    {
        using var host = new HostTree();
        using var plugins = new TemporaryFolder();
        host.AddWarboy(0);
        await using var kubelet = new FakeKubelet(plugins.Path, KubeletVersion.V1_20, TimeProvider.System);
        await kubelet.StartAsync(token);
        using var plugin = new Daemon("device-plugin", "--plugin-dir", plugins.Path, "--root", host.Path, "--address", "127.0.0.1:0");
        var address = (await plugin.WaitForAsync("Serving /metrics", token)).Split(" at ")[1];
        await kubelet.WaitForAsync(state => state.Resource("beta.furiosa.ai/npu").Allocatable == 1, token);
        var before = kubelet.State.Resource("beta.furiosa.ai/npu");

        var result = await CommandLine.RunAsync(
            "doctor", "--root", host.Path, "--plugin-dir", plugins.Path, "--registry-dir", plugins.At("none"),
            "--address", address, "--output", "json");

        var findings = JsonDocument.Parse(result.Output).RootElement.GetProperty("findings").EnumerateArray().ToArray();
        Assert.That(findings.Single(Of("plugin")).GetProperty("level").GetString(), Is.EqualTo("ok"));
        Assert.That(findings.Where(Of("program")).Select(finding => finding.GetProperty("why").GetString()),
            Has.Some.Contains("beta.furiosa.ai/npu"));
        Assert.That(kubelet.State.Resource("beta.furiosa.ai/npu"), Is.EqualTo(before));

        static Func<JsonElement, bool> Of(string check) => finding => finding.GetProperty("check").GetString() == check;
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_program_that_is_not_ready_is_a_problem_with_its_own_reason(CancellationToken token)
    {
        using var host = new HostTree();
        using var plugins = new TemporaryFolder();
        host.AddWarboy(0);
        using var plugin = new Daemon("device-plugin", "--plugin-dir", plugins.Path, "--root", host.Path, "--address", "127.0.0.1:0");
        var address = (await plugin.WaitForAsync("Serving /metrics", token)).Split(" at ")[1];

        var result = await CommandLine.RunAsync(
            "doctor", "--root", host.Path, "--plugin-dir", plugins.Path, "--registry-dir", plugins.At("none"),
            "--address", address, "--output", "json");

        Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(result.Output, Does.Contain("The running program is not ready: ").And.Contain("the kubelet does not run"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Nobody_at_the_address_is_a_problem()
    {
        // Nobody may listen at a port below 1024 that has been out of use for decades.
        var result = await CommandLine.RunAsync(["doctor", "--root", Repository.At("samples/nodes/mixed"), "--address", "127.0.0.1:9", .. NoKubelet]);

        Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(result.Output, Does.Contain("No program answers at http://127.0.0.1:9."));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task What_is_no_program_of_ours_is_told(CancellationToken token)
    {
        await using var api = await FakeKubernetesApi.StartAsync(token);

        var result = await CommandLine.RunAsync(
            ["doctor", "--root", Repository.At("samples/nodes/mixed"), "--address", new Uri(api.Url).Authority, .. NoKubelet]);

        Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(result.Output, Does.Contain("problem  program"));
    }

    /// <summary>Names, modes, times and contents of all that is below a folder.</summary>
    private static string[] Everything(string folder) =>
    [
        .. Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Order(StringComparer.Ordinal).Select(Describe),
    ];

    private static string Describe(string path)
    {
        var file = new FileInfo(path);
        var isRegular = FileStatus.OfLink(path, FileFields.TypeAndMode | FileFields.Inode, out var status) == 0 && status.Mode >> 12 == 8;
        return $"{path} {status.Mode} {status.Inode} {file.LastWriteTimeUtc.Ticks} {(isRegular ? File.ReadAllText(path) : "")}";
    }
}
