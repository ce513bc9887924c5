using System.Diagnostics;
using System.Text;
using System.Text.Json;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Listing;

/// <summary><c>devices --watch</c> as people and scripts run it.</summary>
[CancelAfter(120_000)]
public sealed class WatchProcessTests : IDisposable
{
    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [TestCase("INT")]
    [TestCase("TERM")]
    public async Task In_a_pipe_each_change_is_a_document_of_one_line_until_it_is_ended(string signal, CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        using var process = TheProgram.Start("devices", "--watch", "--interval", "1", "--output", "json", "--root", _host.Path);
        var first = await process.StandardOutput.ReadLineAsync(token);
        card.Set("alive", "0\n");
        var second = await process.StandardOutput.ReadLineAsync(token);

        using (Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            await process.WaitForExitAsync(token);

        Assert.That((Health(first), Health(second)), Is.EqualTo(("healthy", "unhealthy")));
        Assert.That((process.ExitCode, await process.StandardError.ReadToEndAsync(token)), Is.EqualTo((0, "")));

        static string? Health(string? line)
        {
            using var document = JsonDocument.Parse(line!);
            return document.RootElement.GetProperty("devices")[0].GetProperty("health").GetString();
        }
    }

    [Test]
    public async Task It_ends_when_nobody_reads_on(CancellationToken token)
    {
        _host.AddWarboy(0);

        var result = await TheProgram.ShellAsync(
            $"set -o pipefail; \"$program\" devices --watch --interval 1 --root '{_host.Path}' | head -1", token);

        Assert.That(result, Is.EqualTo(new ProgramResult(0, "+------+------------------+-------+--------+--------------+---------+\n", "")));
    }

    [Test]
    public async Task On_a_terminal_the_table_is_drawn_in_the_same_place_until_Ctrl_C(CancellationToken token)
    {
        _host.AddWarboy(0);
        // script(1) of Debian's bsdutils gives it a terminal, and ends with its exit code. Without 'exec' a shell between them that
        // gets the Ctrl-C too may end with a code of its own, as dash does.
        using var process = Process.Start(new ProcessStartInfo(
            "script", ["-qec", $"exec {TheProgram.Path} devices --watch --interval 1 --root {_host.Path}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var screen = new StringBuilder();
        var buffer = new char[4096];
        while (screen.ToString().Split("\e[J").Length < 3)
            screen.Append(buffer, 0, await process.StandardOutput.ReadAsync(buffer, token));

        await process.StandardInput.WriteAsync("\x03".AsMemory(), token);
        await process.StandardInput.FlushAsync(token);
        await process.WaitForExitAsync(token);

        Assert.That(process.ExitCode, Is.Zero);
        Assert.That(screen.ToString().Split("\e[J")[..2], Has.All.Contains("\e[H+------+").And.All.Contains("+\e[K\r\n| npu0 |"));
    }
}
