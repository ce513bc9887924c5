using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace NpuFeatureDiscovery.Cli.Help;

/// <summary>Shows examples below the help of the parser.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    /// <summary>Has the help of a program and all its commands show them.</summary>
    public static void AddTo(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = help.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        if (!HelpExamples.All.TryGetValue(command is RootCommand ? ProgramName.Own : command.Name, out var examples))
            return exitCode;

        var output = parseResult.InvocationConfiguration.Output;
        output.Write("Examples:\n");
        foreach (var example in examples)
            output.Write($"  {example.Command}\n      {example.What}\n");

        output.Write("\n");
        return exitCode;
    }
}
