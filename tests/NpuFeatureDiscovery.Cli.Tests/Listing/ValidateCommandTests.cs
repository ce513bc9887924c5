using System.Text.Json;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Listing;

public sealed class ValidateCommandTests : IDisposable
{
    private const string Text =
        "# +expiry-time=2000-01-01T00:00:00Z\nexample.com/old=1\n# +expiry-time=2999-01-01T00:00:00Z\n\n# +no-label\nexample.com/raw=1\n"
        + "example.com/a=1\nexample.com/a=2\nexample.com/b=x y\nkubernetes.io/c=1\nd\n# comment\n";

    private readonly TemporaryFolder _features = new();

    public ValidateCommandTests() => File.SetUnixFileMode(_features.Path, (UnixFileMode)0b111_101_101);

    public void Dispose() => _features.Dispose();

    [TestCase("0.8")]
    [TestCase("0.14")]
    [TestCase("0.18")]
    public async Task Every_outcome_is_shown_in_every_form_as_somebody_has_read_and_accepted(string version)
    {
        Write("npus", Text);
        Write("others", "example.com/a=3\n");
        Directory.CreateDirectory(_features.At(".npus.d"));
        var received = "";
        foreach (var form in (string[])["table", "json"])
        {
            var result = await ValidateAsync(_features.Path, "--nfd-version", version, "--extra-label-ns", "example.com", "--output", form);
            received += $"== {form}, exit code {result.ExitCode}\n{result.Output}{result.Error}";
        }

        var difference = VerifiedText.Difference(received.Replace(_features.Path, "FOLDER", StringComparison.Ordinal), $"validate.{version}");

        Assert.That(difference, Is.Null, difference);
    }

    [TestCase("example.com/a=1\n", 0)]
    [TestCase("", 0)]
    [TestCase("# comment\n# +no-label\nexample.com/a=1\n", 0)]
    [TestCase("example.com/a=1\nexample.com/a=1\n", 0)]
    [TestCase("example.com/a=1\nexample.com/a=2\n", 1)]
    [TestCase("example.com/a=-\n", 1)]
    [TestCase("kubernetes.io/a=1\n", 1)]
    [TestCase("# +expiry-time=2000-01-01T00:00:00Z\nexample.com/a=1\n", 1)]
    public async Task The_exit_code_tells_whether_something_is_lost(string text, int exitCode)
    {
        Write("npus", text);

        Assert.That((await ValidateAsync(_features.At("npus"))).ExitCode, Is.EqualTo(exitCode));
        Assert.That((await ValidateAsync(_features.Path)).ExitCode, Is.EqualTo(exitCode));
        Assert.That((await CommandLine.RunOnAsync(text, "validate", "-")).ExitCode, Is.EqualTo(exitCode));
    }

    [Test]
    public async Task Standard_input_is_read_in_bytes_so_that_a_byte_order_mark_is_seen()
    {
        var result = await CommandLine.RunOnAsync("\uFEFFexample.com/a=1\n", "validate", "-");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Output, Does.StartWith("standard input: read\n").And.Contain("byte order mark"));
    }

    [Test]
    public async Task The_newest_version_is_the_default()
    {
        var document = JsonDocument.Parse((await CommandLine.RunOnAsync("a=1\n", "validate", "-", "--output", "json")).Output).RootElement;

        Assert.That(document.GetProperty("nfdVersion").GetString(), Is.EqualTo("0.19"));
        Assert.That((await ValidateAsync("--help")).Output, Does.Contain("[default: 0.19]"));
    }

    [Test]
    public async Task Files_that_are_named_are_judged_each_by_itself_and_those_of_a_folder_together()
    {
        Write("a", "example.com/a=1\n");
        Write("b", "example.com/a=2\n");

        var files = await ValidateAsync(_features.At("a"), _features.At("b"));
        var folder = await ValidateAsync(_features.Path);

        Assert.That((files.ExitCode, folder.ExitCode), Is.EqualTo((0, 1)));
        Assert.That(files.Output, Does.EndWith("NFD 0.19: 2 labels, 0 lost.\n"));
        Assert.That(folder.Output, Does.EndWith("NFD 0.19: 1 labels, 1 lost.\n"));
    }

    [TestCase("--extra-label-ns", "kubernetes.io", "kubernetes.io/a=1", 0)]
    [TestCase("--extra-label-ns", "x.io,kubernetes.io", "kubernetes.io/a=1", 0)]
    [TestCase("--deny-label-ns", "example.com", "example.com/a=1", 1)]
    [TestCase("--deny-label-ns", "*.com", "example.com/a=1", 1)]
    [TestCase("--deny-label-ns", "*", "a=1", 1)]
    public async Task Namespaces_are_allowed_and_denied_as_the_master_is_told(string option, string value, string text, int exitCode) =>
        Assert.That((await CommandLine.RunOnAsync(text, "validate", option, value, "-")).ExitCode, Is.EqualTo(exitCode));

    [Test]
    public async Task A_file_that_NFD_refuses_is_told_with_what_to_do_and_exit_code_1()
    {
        Write("npus", "example.com/a=1\n");
        File.SetUnixFileMode(_features.At("npus"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var result = await ValidateAsync(_features.At("npus"));

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Output, Is.EqualTo(
            $"{_features.At("npus")}: refused. nfd-worker's user 65534 may not read it: set its mode to 0644.\n"
            + "NFD 0.19: 0 labels, 1 lost.\n"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_label_prints_is_what_validate_reads_in_a_pipe(CancellationToken token)
    {
        var result = await TheProgram.ShellAsync(
            "$program label --oneshot --root samples/nodes/mixed --output - --profile alpha,beta,current | $program validate -", token);

        Assert.That(result.ExitCode, Is.Zero, result.Output);
        Assert.That(result.Output, Does.EndWith(", 0 lost.\n"));
    }

    private static Task<ProgramResult> ValidateAsync(params IReadOnlyList<string> args) => CommandLine.RunAsync(["validate", .. args]);

    private void Write(string name, string text)
    {
        File.WriteAllText(_features.At(name), text);
        File.SetUnixFileMode(_features.At(name), (UnixFileMode)0b110_100_100);
    }
}
