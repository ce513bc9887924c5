namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>Runs the checks at the same time, and gives what they found in their order.</summary>
internal static class DoctorRun
{
    /// <summary>For each check: those that ask a partner have deadlines of their own, which are shorter.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    public static async Task<IReadOnlyList<Finding>> RunAsync(
        IEnumerable<NamedCheck> checks, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<Finding>>[] running = [.. checks.Select(check => RunAsync(check, timeProvider, cancellationToken))];
        var findings = new List<Finding>();
        foreach (var check in running)
            findings.AddRange(await check);

        return findings;
    }

    private static async Task<IReadOnlyList<Finding>> RunAsync(
        NamedCheck check, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var token = linked.Token;
        try
        {
            // A read that hangs in the kernel hears of no deadline, and is left behind.
            return await Task.Run(() => check.Check.RunAsync(token).AsTask(), token).WaitAsync(token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return
            [
                new Finding(FindingLevel.Warning, check.Name, $"The check did not end within {Deadline.TotalSeconds:0} s.",
                    "Something that it reads or asks does not answer.",
                    "See whether the kernel's log tells of a device that hangs, and run doctor again."),
            ];
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return
            [
                new Finding(FindingLevel.Warning, check.Name, "The check failed, so nothing is known of what it looks at.",
                    $"{exception.GetType().Name}: {exception.Message}", "This is a fault of doctor: please report it with this line."),
            ];
        }
    }
}
