using System.CommandLine;
using System.CommandLine.Parsing;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The arguments and options of <c>validate</c>.</summary>
internal sealed class ValidateCommandOptions
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    public Argument<string[]> Files { get; } = new("FILE")
    {
        Description = "Feature files, folders of them such as features.d, or - for standard input.",
        Arity = ArgumentArity.OneOrMore,
        Validators = { RefuseUnknownOptions },
    };

    public Option<NfdVersion> Version { get; } = OptionFactory.Create(
        "--nfd-version", "VERSION",
        $"The version of NFD: {NfdVersion.Known[0]} to {NfdVersion.Newest}, also as an image's tag such as v0.18.3.",
        NfdVersion.Newest, TryParseVersion).Suggest(NfdVersion.Known.Select(version => version.ToString()));

    public Option<Choice<ValidateOutput>> Output { get; } = OptionFactory.CreateChoice<ValidateOutput>(
        "--output", "How to say it: a table, or a document with every line.",
        new("table", ValidateOutput.Table), new("json", ValidateOutput.Json));

    private readonly Option<IReadOnlyList<string>> _extra = OptionFactory.CreateList<string>(
        "--extra-label-ns", "NAMESPACE", "Namespaces that nfd-master is told to allow: extraLabelNs.", [], TryParseNamespace);

    private readonly Option<IReadOnlyList<string>> _deny = OptionFactory.CreateList<string>(
        "--deny-label-ns", "NAMESPACE",
        "Namespaces that nfd-master is told to deny: denyLabelNs of NFD 0.13 and later; *.example.com, or *.", [], TryParseDenied);

    public void AddTo(Command command)
    {
        command.Arguments.Add(Files);
        foreach (var option in (Option[])[Version, _extra, _deny, Output])
            command.Options.Add(option);
    }

    /// <summary>How nfd-master is set.</summary>
    /// <exception cref="UsageException">There is a setting that this version does not have.</exception>
    public NfdMasterOptions MasterOf(ParseResult parsed)
    {
        var (version, denied) = (parsed.GetRequiredValue(Version), parsed.GetRequiredValue(_deny));
        UsageException.ThrowIfAny(denied.Count > 0 && version.Minor < 13
            ? [$"Option '{_deny.Name}' does not go with '{Version.Name} {version}': NFD denies namespaces from 0.13 on."]
            : []);
        return new NfdMasterOptions { ExtraLabelNamespaces = parsed.GetRequiredValue(_extra), DenyLabelNamespaces = denied };
    }

    /// <summary>What looks like an option would be taken for a file.</summary>
    private static void RefuseUnknownOptions(ArgumentResult result)
    {
        foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-') && token.Value != StandardInput))
            result.AddError(UsageErrors.DescribeUnknown(token.Value, ((CommandResult)result.Parent!).Command));
    }

    private static bool TryParseVersion(string text, out NfdVersion value, out string reason)
    {
        var isVersion = NfdVersion.TryParse(text, out var version, out var error);
        (value, reason) = (version ?? NfdVersion.Newest, error ?? "");
        return isVersion;
    }

    private static bool TryParseNamespace(string text, out string value, out string reason)
    {
        value = text;
        reason = "allowed are DNS subdomains such as 'furiosa.ai'.";
        return Label.TryCreate($"{text}/name", "", out _, out _);
    }

    private static bool TryParseDenied(string text, out string value, out string reason)
    {
        value = text;
        reason = "allowed are DNS subdomains such as 'furiosa.ai', '*' and the end of one such as '*.furiosa.ai', and '*'.";
        return text == "*" || Label.TryCreate($"{(text.StartsWith('*') ? "x" + text[1..] : text)}/name", "", out _, out _);
    }
}
