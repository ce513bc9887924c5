using System.Globalization;
using System.Text;

namespace NpuFeatureDiscovery.Cli.Completion;

/// <summary>
/// Completion for bash, by https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html. It starts no program: all
/// that there is to know stands in it. Paths are left to readline, which quotes what has blanks in it.
/// </summary>
internal static class BashScript
{
    public static string Write(IReadOnlyList<CompletedCommand> commands, string mainCommand)
    {
        var all = string.Join(' ', commands.Select(command => command.Name));
        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $$"""
            # Completion of {{ProgramName.Own}} for bash 4 and later: source <({{ProgramName.Own}} completion bash)
            _npu_feature_discovery() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command={{mainCommand}} list=
                COMPREPLY=()
                # Bash parts words at '=': --option=value is three of them.
                if [[ $word == '=' ]]; then
                    word=
                elif [[ $before == '=' ]]; then
                    before=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                if ((COMP_CWORD == 1)) && [[ $word != -* ]]; then
                    COMPREPLY=($(compgen -W '{{all}}' -- "$word"))
                    return
                fi
                [[ ${COMP_WORDS[1]} == -* ]] || command=${COMP_WORDS[1]}
                [[ $word == *,* ]] && list=${word%,*},
                case "$command $before" in

            """);
        foreach (var (action, places) in ByAction(commands))
            script.Append(CultureInfo.InvariantCulture, $"    {string.Join(" | ", places)}) {action} ;;\n");

        script.Append("""
                esac
                case $command in

            """);
        foreach (var command in commands)
        {
            var names = string.Join(' ', command.Options.Select(option => option.Name));
            var options = $"COMPREPLY=($(compgen -W '{names}' -- \"$word\"))";
            var words = command.Argument is { } argument
                ? $"if [[ $word == -* ]]; then {options}; else {Complete(argument)}:; fi"
                : options;
            script.Append(CultureInfo.InvariantCulture, $"    {command.Name}) {words} ;;\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $$"""
                esac
            }
            complete -F _npu_feature_discovery {{ProgramName.Own}}

            """).ToString();
    }

    /// <summary>Where the same is to be done, in the order of the commands and their options.</summary>
    private static Dictionary<string, List<string>> ByAction(IReadOnlyList<CompletedCommand> commands)
    {
        var places = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var command in commands)
        {
            foreach (var option in command.Options.Where(option => option.Kind != ValueKind.None))
            {
                var action = $"{Complete(option)}return";
                if (!places.TryGetValue(action, out var same))
                    places.Add(action, same = []);
                same.Add($"'{command.Name} {option.Name}'");
            }
        }

        return places;
    }

    private static string Complete(CompletedValue value)
    {
        var words = string.Join(' ', value.Words);
        return value.Kind switch
        {
            ValueKind.Folder => "compopt -o dirnames; ",
            // Readline comes in where no word fits.
            ValueKind.File when words.Length > 0 => $"COMPREPLY=($(compgen -W '{words}' -- \"$word\")); compopt -o default; ",
            ValueKind.File => "compopt -o default; ",
            _ when words.Length == 0 => "",
            ValueKind.List => $"COMPREPLY=($(compgen -P \"$list\" -W '{words}' -- \"${{word##*,}}\")); ",
            _ => $"COMPREPLY=($(compgen -W '{words}' -- \"$word\")); ",
        };
    }
}
