namespace NpuFeatureDiscovery.Cli.Tests.Doctor;

/// <summary>A way to break a good node, and what doctor has to say of it.</summary>
/// <param name="Name">What is broken.</param>
/// <param name="Break">Breaks it.</param>
/// <param name="Lines">The lines that are not OK, as <c>level check: what</c>; no others.</param>
public sealed record BrokenSetup(string Name, Func<DoctorNode, CancellationToken, Task> Break, params IReadOnlyList<string> Lines)
{
    /// <summary>For one that needs no waiting.</summary>
    public static BrokenSetup Of(string name, Action<DoctorNode> change, params IReadOnlyList<string> lines) => new(
        name,
        (node, _) =>
        {
            change(node);
            return Task.CompletedTask;
        },
        lines);

    public override string ToString() => Name;
}
