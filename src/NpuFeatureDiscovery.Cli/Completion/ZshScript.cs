using System.Globalization;
using System.Text;

namespace NpuFeatureDiscovery.Cli.Completion;

/// <summary>
/// Completion for zsh, by https://zsh.sourceforge.io/Doc/Release/Completion-System.html: to be sourced after compinit, or as a file
/// <c>_npu-feature-discovery</c> in a folder of fpath. It starts no program: all that there is to know stands in it.
/// </summary>
internal static class ZshScript
{
    public static string Write(IReadOnlyList<CompletedCommand> commands, string mainCommand)
    {
        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $$"""
            #compdef {{ProgramName.Own}}
            # Completion of {{ProgramName.Own}} for zsh: source <({{ProgramName.Own}} completion zsh)
            _{{ProgramName.Own}}() {
                local command={{mainCommand}}
                if [[ ${words[2]} != -* ]]; then
                    if ((CURRENT == 2)); then
                        local -a commands=(

            """);
        foreach (var command in commands)
            script.Append(CultureInfo.InvariantCulture, $"                {Quote($"{command.Name}:{command.Description}")}\n");

        script.Append("""
                        )
                        _describe -t commands command commands
                        return
                    fi
                    command=${words[2]}
                    shift words
                    ((CURRENT--))
                fi
                case $command in

            """);
        foreach (var command in commands)
        {
            script.Append(CultureInfo.InvariantCulture, $"    {command.Name})\n        _arguments");
            foreach (var option in command.Options)
                script.Append(CultureInfo.InvariantCulture, $" \\\n            {Quote(Describe(option))}");
            if (command.Argument is { } argument)
            {
                var place = argument.IsRepeated ? "*" : "1";
                script.Append(CultureInfo.InvariantCulture, $" \\\n            {Quote($"{place}:{Action(argument)}")}");
            }

            script.Append("\n        ;;\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $$"""
                esac
            }
            if [[ ${funcstack[1]} == _{{ProgramName.Own}} ]]; then
                _{{ProgramName.Own}} "$@"
            else
                compdef _{{ProgramName.Own}} {{ProgramName.Own}}
            fi

            """).ToString();
    }

    private static string Describe(CompletedValue option)
    {
        var description = Escape(option.Description);
        return option.Kind == ValueKind.None
            ? $"{option.Name}[{description}]"
            : $"{(option.IsRepeated ? "*" : "")}{option.Name}=[{description}]:{Action(option)}";
    }

    private static string Action(CompletedValue value)
    {
        var name = Escape(value.ValueName);
        var words = string.Join(' ', value.Words);
        return value.Kind switch
        {
            ValueKind.Folder => $"{name}:_files -/",
            ValueKind.File when words.Length > 0 => $"{name}:{{compadd -- {words}; _files}}",
            ValueKind.File => $"{name}:_files",
            ValueKind.List when words.Length > 0 => $"{name}:_values -s , {words.Split(' ')[0]} {words}",
            _ when words.Length > 0 => $"{name}:({words})",
            // Something is expected, and nobody knows what.
            _ => $"{name}: ",
        };
    }

    private static string Escape(string text) => new StringBuilder(text)
        .Replace("\\", "\\\\").Replace("[", "\\[").Replace("]", "\\]").Replace(":", "\\:").ToString();

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
