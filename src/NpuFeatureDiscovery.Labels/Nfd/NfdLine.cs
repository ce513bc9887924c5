namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>A line of a feature file, and what NFD does with it.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Text">The line as it stands in the file, without its line feed.</param>
/// <param name="Outcome">What NFD does with it.</param>
/// <param name="Key">Of a label the key on the Node, else the key as NFD reads it; null where the line has none.</param>
/// <param name="Value">The value; null where the line has no key.</param>
/// <param name="Reason">Why, and what to do, where that is not plain.</param>
/// <param name="IsLost">Whether the Node goes without something that the line asks for.</param>
public sealed record NfdLine(
    int Number, string Text, NfdOutcome Outcome, string? Key = null, string? Value = null, string? Reason = null, bool IsLost = false)
{
    /// <summary>This line where another one has its key.</summary>
    internal NfdLine OverriddenBy(NfdLine winner, string name)
    {
        var isSame = winner.Outcome == NfdOutcome.Label && winner.Value == Value;
        return this with
        {
            Outcome = NfdOutcome.Overridden,
            IsLost = !isSame,
            Reason = $"{name} has the same key{(isSame ? " and value" : "")}, and counts.",
        };
    }
}
