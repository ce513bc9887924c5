using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Completion;

/// <summary>
/// A shell at a terminal with the completion of the program, in whose place a function tells what it was given: by script(1) of
/// Debian's bsdutils.
/// </summary>
internal sealed partial class ShellSession : IDisposable
{
    private const string Prompt = "READY> ";

    private readonly Process _process;

    private ShellSession(Process process) => _process = process;

    /// <param name="shell">bash or zsh.</param>
    /// <param name="folder">Where it starts; its settings go there as well.</param>
    public static ShellSession Start(string shell, TemporaryFolder folder)
    {
        var settings = $$"""
            PS1='{{Prompt}}'
            {{(shell == "zsh" ? "autoload -Uz compinit; compinit -u -D" : "")}}
            npu-feature-discovery() { local IFS='|'; printf 'GOT<%s>\n' "$*"; }
            source <('{{TheProgram.Path}}' completion {{shell}})

            """;
        File.WriteAllText(folder.At("/.zshrc"), settings);
        var command = shell == "zsh" ? "zsh -i" : "bash --noprofile --rcfile .zshrc -i";
        return new ShellSession(Process.Start(new ProcessStartInfo("script", ["-qc", command, "/dev/null"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["ZDOTDIR"] = folder.Path, ["TERM"] = "xterm", ["INPUTRC"] = "/dev/null" },
        })!);
    }

    /// <summary>Types a line, in which \t is the Tab key.</summary>
    /// <returns>The arguments that the program would have been given.</returns>
    public async Task<string> TypeAsync(string line, CancellationToken token)
    {
        // What is typed before the shell has its line editor ready would be the terminal's.
        await ReadUntilAsync(screen => screen.Contains(Prompt, StringComparison.Ordinal), token);
        await _process.StandardInput.WriteAsync($"npu-feature-discovery {line}\r".AsMemory(), token);
        await _process.StandardInput.FlushAsync(token);
        return Got().Match(await ReadUntilAsync(screen => Got().IsMatch(screen), token)).Groups[1].Value;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        _process.Dispose();
    }

    private async Task<string> ReadUntilAsync(Predicate<string> isEnough, CancellationToken token)
    {
        var screen = new StringBuilder();
        var buffer = new char[4096];
        try
        {
            while (!isEnough(screen.ToString()))
            {
                var count = await _process.StandardOutput.ReadAsync(buffer, token);
                if (count == 0)
                    throw new InvalidOperationException($"The shell ended: {screen}");

                screen.Append(buffer, 0, count);
            }
        }
        catch (OperationCanceledException)
        {
            throw new AssertionException($"The shell did not come to it: {screen}");
        }

        return screen.ToString();
    }

    [GeneratedRegex("GOT<(.*)>")]
    private static partial Regex Got();
}
