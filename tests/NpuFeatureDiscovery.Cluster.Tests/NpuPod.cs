namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>A Pod that asks for NPUs, prints what it got, and stays.</summary>
internal sealed class NpuPod(string name)
{
    public const string Resource = "beta.furiosa.ai/npu";

    public string Name => name;

    public static async Task<NpuPod> CreateAsync(string name, int npus, CancellationToken token)
    {
        await Cluster.ApplyAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{name}}, labels: {test: npu} }
            spec:
              hostNetwork: true
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers:
              - name: npu
                image: busybox:1
                imagePullPolicy: IfNotPresent
                command: [/bin/sh, -c, "env; ls /dev; sleep 100000"]
                resources:
                  limits:
                    {{Resource}}: {{npus}}
            """, token);
        return new NpuPod(name);
    }

    /// <summary>Ends all of them.</summary>
    public static Task DeleteAllAsync(CancellationToken token) =>
        Cluster.KubectlAsync(["delete", "pods", "-l", "test=npu", "--now", "--ignore-not-found"], token);

    /// <summary>Ends it, and waits until it is gone.</summary>
    public Task DeleteAsync(CancellationToken token) => Cluster.KubectlAsync(["delete", "pod", name, "--now"], token);

    /// <summary>Waits until it runs.</summary>
    /// <returns>The lines of its environment and the names of its device nodes.</returns>
    public async Task<string[]> UntilRunningAsync(CancellationToken token)
    {
        await Cluster.UntilAsync(() => AskAsync("{.status.phase} {.status.message}", token), state => state.StartsWith("Running"), token);
        var log = await Cluster.UntilAsync(
            () => Cluster.KubectlAsync(["logs", name], token), log => log.Contains("\nzero\n"), token);
        return log.Split('\n');
    }

    /// <summary>Whether it comes to run; not where the kubelet does not admit it.</summary>
    public async Task<bool> IsAdmittedAsync(CancellationToken token) => await Cluster.UntilAsync(
        () => AskAsync("{.status.phase}", token), phase => phase is "Running" or "Failed", token) == "Running";

    /// <summary>Waits until the scheduler has chosen the node.</summary>
    public Task UntilBoundAsync(CancellationToken token) =>
        Cluster.UntilAsync(() => AskAsync("{.spec.nodeName}", token), node => node == Cluster.Node, token);

    /// <summary>Waits until the kubelet says, in the device plugin's words, that it does not admit it.</summary>
    public async Task UntilRefusedAsync(string words, CancellationToken token)
    {
        var state = await Cluster.UntilAsync(
            () => AskAsync("{.status.phase}: {.status.reason}: {.status.message}", token), state => !state.StartsWith("Pending"), token);
        var log = state.StartsWith("Running") ? await Cluster.KubectlAsync(["logs", name], token) : "";
        Assert.That(state, Does.StartWith("Failed: UnexpectedAdmissionError: ").And.Contain(words), log);
    }

    /// <summary>What tells this run of its container from another.</summary>
    public Task<string> ContainerAsync(CancellationToken token) =>
        AskAsync("{.status.phase} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}", token);

    /// <summary>Waits until the scheduler says that it finds no node with enough NPUs.</summary>
    public Task UntilUnschedulableAsync(CancellationToken token) => Cluster.UntilAsync(
        () => AskAsync("{.status.phase}: {.status.conditions[*].message}", token),
        state => state.StartsWith("Pending: ") && state.Contains($"Insufficient {Resource}"), token);

    private Task<string> AskAsync(string what, CancellationToken token) =>
        Cluster.KubectlAsync(["get", "pod", name, "-o", $"jsonpath={what}"], token);
}
