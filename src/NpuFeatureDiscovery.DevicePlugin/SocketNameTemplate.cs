namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>A socket's name that may differ from Pod to Pod.</summary>
/// <param name="text">The name, perhaps with <c>{pod}</c> in it.</param>
/// <param name="podUid">The UID of this Pod, if there is one.</param>
internal sealed class SocketNameTemplate(string text, string? podUid)
{
    private const string Pod = "{pod}";

    private readonly int _pod = text.IndexOf(Pod, StringComparison.Ordinal);

    /// <summary>The name of this Pod's socket.</summary>
    public string Name => _pod < 0 ? text : Of(podUid!);

    /// <summary>Whether a name is that of another Pod's socket, or would be.</summary>
    /// <param name="name">The name.</param>
    /// <param name="suffix">What both have behind them.</param>
    public bool IsOfOther(string name, string suffix)
    {
        var rest = name.Length - (text.Length - Pod.Length) - suffix.Length;
        return _pod >= 0 && rest > 0 && IsUid(name.AsSpan(_pod, rest)) && name != Name + suffix
            && name == Of(name.Substring(_pod, rest)) + suffix;
    }

    /// <summary>What keeps the name from being made; null where it can be made.</summary>
    public static string? Error(string text, string? podUid) =>
        !text.Contains(Pod, StringComparison.Ordinal) ? null
        : text.IndexOf(Pod, StringComparison.Ordinal) != text.LastIndexOf(Pod, StringComparison.Ordinal) ? $"{Pod} may be in it once."
        : string.IsNullOrEmpty(podUid)
            ? $"{Pod} in it stands for the UID of the Pod, which is not known: set POD_UID from metadata.uid in the Pod's manifest."
        : !IsUid(podUid)
            ? $"{Pod} in it stands for the UID of the Pod, and '{podUid}' is none: set POD_UID from metadata.uid in the Pod's manifest."
        : null;

    private string Of(string uid) => $"{text.AsSpan(0, _pod)}{uid}{text.AsSpan(_pod + Pod.Length)}";

    /// <summary>Those of static Pods have no dashes.</summary>
    private static bool IsUid(ReadOnlySpan<char> text) => Guid.TryParseExact(text, "D", out _) || Guid.TryParseExact(text, "N", out _);
}
