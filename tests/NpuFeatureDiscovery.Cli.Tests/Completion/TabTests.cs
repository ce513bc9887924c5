using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Completion;

/// <summary>The Tab key of a shell that has loaded the script.</summary>
[TestFixture("bash")]
[TestFixture("zsh")]
[CancelAfter(120_000)]
public sealed class TabTests(string shell) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SetUp]
    public void RequireShell()
    {
        if (shell == "zsh" && !File.Exists("/usr/bin/zsh"))
            Assert.Ignore("There is no zsh to test with; .ci/run installs it.");
    }

    [TestCase("lab\t--dry\t", "label|--dry-run")]
    [TestCase("--onesh\t", "--oneshot")]
    [TestCase("devices --output j\t", "devices|--output|json")]
    [TestCase("devices --output=w\t", "devices|--output=wide")]
    [TestCase("label --profile beta,cu\t", "label|--profile|beta,current")]
    [TestCase("metrics-exporter --pod-resources of\t", "metrics-exporter|--pod-resources|off")]
    [TestCase("metrics-exporter --pod-resources an\t", "metrics-exporter|--pod-resources|an odd.sock")]
    [TestCase("devices --root my\t", "devices|--root|my host")]
    [TestCase("devices --root=my\t", "devices|--root=my host")]
    [TestCase("validate --nfd-version 0.8 labels\\ of\t", "validate|--nfd-version|0.8|labels of 'one'")]
    public async Task What_Tab_completes_is_what_the_program_gets(
        string typed, string expected, CancellationToken token)
    {
        Directory.CreateDirectory(_folder.At("/my host"));
        foreach (var file in (string[])["my file", "an odd.sock", "labels of 'one'"])
            File.WriteAllText(_folder.At($"/{file}"), "");

        Assert.That((await GotAsync(typed, token)).TrimEnd('/'), Is.EqualTo(expected));
    }

    /// <summary>On a busy machine zsh was seen to lose what is typed while it sets up its terminal: then another takes its place.</summary>
    private async Task<string> GotAsync(string typed, CancellationToken token)
    {
        while (true)
        {
            using var session = ShellSession.Start(shell, _folder);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
            patience.CancelAfter(TimeSpan.FromSeconds(30));
            try
            {
                return await session.TypeAsync(typed, patience.Token);
            }
            catch (AssertionException) when (!token.IsCancellationRequested)
            {
                // Once more.
            }
        }
    }
}
