using System.Diagnostics.CodeAnalysis;

namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>What was read last, to stand in for a while for what cannot be read now.</summary>
/// <param name="keep">For how long; zero for not at all.</param>
/// <param name="timeProvider">Its timestamps are used, not its clock, which can be set.</param>
internal sealed class LastGood<TKey, TValue>(TimeSpan keep, TimeProvider timeProvider) where TKey : notnull
{
    private readonly Dictionary<TKey, (TValue Value, long ReadAt)> _values = [];

    public IReadOnlyCollection<TKey> Keys => _values.Keys;

    public void Remember(TKey key, TValue value)
    {
        if (keep > TimeSpan.Zero)
            _values[key] = (value, timeProvider.GetTimestamp());
    }

    public bool TryRecall(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var isKnown = _values.TryGetValue(key, out var known) && timeProvider.GetElapsedTime(known.ReadAt) < keep;
        value = isKnown ? known.Value : default;
        return isKnown;
    }

    public void Forget(TKey key) => _values.Remove(key);
}
