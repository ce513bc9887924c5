namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>
/// The grammar of a feature file, which is nfd-worker's local source. Lines that may become labels have the outcome
/// <see cref="NfdOutcome.Label"/> and the key of the file: nobody has looked yet whether they are legal.
/// </summary>
internal sealed class FeatureLineReader(string fileName, NfdVersion version, DateTimeOffset now)
{
    private const string DirectivePrefix = "# +";
    private const string ExpiryTime = "expiry-time";

    private DateTimeOffset? _expiry;
    private bool _skipLabel;
    private bool _skipFeature;

    public static NfdLine[] Read(string text, string fileName, NfdVersion version, DateTimeOffset now)
    {
        var reader = new FeatureLineReader(fileName, version, now);
        var texts = text.EndsWith('\n') ? text[..^1].Split('\n') : text.Length == 0 ? [] : text.Split('\n');
        NfdLine[] lines = [.. texts.Select((line, index) => reader.Read(index + 1, line))];
        Override(lines);
        return lines;
    }

    private NfdLine Read(int number, string text)
    {
        var line = new NfdLine(number, text, NfdOutcome.Blank);
        var trimmed = text.Trim();
        if (trimmed.Length == 0)
            return text.Length == 0 || version.TrimsLines ? line : line with { Reason = TakenForLabel("A line of blanks") };

        if (text.StartsWith('#') || (version.KnowsComments && trimmed.StartsWith('#')))
            return version.KnowsComments ? ReadComment(line, trimmed) : Unknown(line);

        return ReadFeature(line, version.TrimsLines ? trimmed : text);
    }

    private NfdLine Unknown(NfdLine line) => line.Text.StartsWith(DirectivePrefix, StringComparison.Ordinal)
        ? line with { Outcome = NfdOutcome.Directive, Reason = $"NFD {version} does not obey directives. {TakenForLabel("It")}" }
        : line with { Outcome = NfdOutcome.Comment, Reason = TakenForLabel("A comment") };

    private static string TakenForLabel(string what) =>
        $"{what} is taken for a label before NFD 0.14, and dropped with a warning at every scan; nothing else comes of it.";

    private NfdLine ReadComment(NfdLine line, string text)
    {
        if (!text.StartsWith(DirectivePrefix, StringComparison.Ordinal))
            return line with
            {
                Outcome = NfdOutcome.Comment,
                Reason = text.StartsWith("#+", StringComparison.Ordinal)
                    ? $"It is no directive: those begin with '{DirectivePrefix}'."
                    : null,
            };

        var parts = text[DirectivePrefix.Length..].Split('=', 2);
        return line with { Outcome = NfdOutcome.Directive, Reason = Obey(parts[0], parts is [_, var value] ? value.Trim() : null) };
    }

    /// <returns>Why the directive has no effect; null where it has.</returns>
    private string? Obey(string directive, string? value)
    {
        switch (directive)
        {
            case ExpiryTime when value is not null && Rfc3339.TryParse(value, out var expiry):
                _expiry = expiry;
                return null;
            case ExpiryTime:
                return $"'{value}' is no time of RFC 3339 such as '2026-01-31T00:00:00Z': NFD logs an error, and what counted before "
                    + "goes on.";
            case "no-label" when version.KnowsRawFeatures:
                _skipLabel = true;
                return null;
            case "no-feature" when version.KnowsRawFeatures:
                _skipFeature = true;
                return null;
            case "no-label" or "no-feature":
                return $"NFD {version} does not know it, logs an error, and makes a label of the next line all the same.";
            default:
                return $"There is no directive '{directive}': NFD logs an error and goes on.";
        }
    }

    private NfdLine ReadFeature(NfdLine line, string text)
    {
        var parts = text.Split('=', 2);
        line = line with { Outcome = NfdOutcome.Label, Key = Key(parts[0]), Value = parts is [_, var value] ? value : "true" };

        // Before what a directive asks for is done with: it stays for the next line that has not expired.
        if (_expiry < now)
            return line with { Outcome = NfdOutcome.Expired, IsLost = true, Reason = $"It expired at {_expiry:yyyy-MM-dd'T'HH:mm:ss'Z'}." };

        var (skipLabel, skipFeature) = (_skipLabel, _skipFeature);
        (_skipLabel, _skipFeature) = (false, false);
        return (skipLabel, skipFeature) switch
        {
            (true, true) => line with
            {
                Outcome = NfdOutcome.Dropped,
                IsLost = true,
                Reason = "Directives above ask for no label and for no feature of it.",
            },
            (true, false) => line with { Outcome = NfdOutcome.Feature },
            _ => line,
        };
    }

    private string Key(string key) => version.PrefixesFileName switch
    {
        true when key.StartsWith('/') => key[1..],
        true when !key.Contains('/', StringComparison.Ordinal) => $"{fileName}-{key}",
        _ => key,
    };

    /// <summary>Of two lines with the same key the later counts, also where it turns out to be illegal, or to be no label.</summary>
    private static void Override(NfdLine[] lines)
    {
        var later = new Dictionary<string, NfdLine>(StringComparer.Ordinal);
        for (var index = lines.Length - 1; index >= 0; index--)
        {
            var line = lines[index];
            if (line.Key is null || line.Outcome == NfdOutcome.Expired)
                continue;

            if (line.Outcome == NfdOutcome.Label && later.TryGetValue(line.Key, out var winner))
                lines[index] = line.OverriddenBy(winner, $"Line {winner.Number}");

            later.TryAdd(line.Key, line);
        }
    }
}
