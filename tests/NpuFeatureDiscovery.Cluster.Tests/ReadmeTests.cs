using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The commands of README.md at a real API server; what would change something is a dry run.</summary>
[NonParallelizable]
[CancelAfter(120_000)]
public sealed class ReadmeTests
{
    /// <summary>Answers too: no node has an NPU, so there is no Pod, and who publishes by a feature file may not patch nodes.</summary>
    private const string No = "no endpoints available|pods \"POD\" not found|(?m)^no$";

    /// <summary>What NFD would bring.</summary>
    private const string Resources =
        """
        {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: nodefeatures.nfd.k8s-sigs.io}, spec: {
          group: nfd.k8s-sigs.io, scope: Namespaced, names: {kind: NodeFeature, plural: nodefeatures}, versions: [{
            name: v1alpha1, served: true, storage: true,
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}
        ---
        {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: nodefeaturerules.nfd.k8s-sigs.io}, spec: {
          group: nfd.k8s-sigs.io, scope: Cluster, names: {kind: NodeFeatureRule, plural: nodefeaturerules}, versions: [{
            name: v1alpha1, served: true, storage: true,
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}

        """;

    private static bool _isInstalled;

    private static IEnumerable<string> Questions => ReadmeCommand.Of(ReadmeCommandWay.Question);

    private static IEnumerable<string> Changes =>
        ReadmeCommand.Of(ReadmeCommandWay.Overlay, ReadmeCommandWay.Objects, ReadmeCommandWay.Change);

    [OneTimeSetUp]
    public static async Task InstallAsync()
    {
        Cluster.Require();
        _isInstalled = true;
        await Cluster.ApplyAsync(Resources, CancellationToken.None);
        // No node has the label that it selects by, so that it runs nowhere.
        await Cluster.KubectlAsync(["apply", "-k", "deploy/overlays/everything"], CancellationToken.None);
    }

    [OneTimeTearDown]
    public static async Task RemoveAsync()
    {
        if (!_isInstalled)
            return;

        await Cluster.KubectlAsync(["delete", "-k", "deploy/overlays/everything", "--ignore-not-found"], CancellationToken.None);
        await Cluster.ShellAsync("kubectl", ["delete", "-f", "-", "--ignore-not-found"], Resources, CancellationToken.None);
    }

    [TestCaseSource(nameof(Questions))]
    public async Task It_is_answered(string command, CancellationToken token)
    {
        try
        {
            await Cluster.ShellAsync("bash", ["-euc", InTheCluster(command)], "", token);
        }
        catch (InvalidOperationException exception)
        {
            Assert.That(exception.Message, Does.Match(No));
        }
    }

    [TestCaseSource(nameof(Changes))]
    public async Task It_is_accepted(string command, CancellationToken token) =>
        await Cluster.ShellAsync("bash", ["-euc", $"{InTheCluster(command)} --dry-run=server {MissingIsRight(command)}"], "", token);

    /// <summary>Nothing is there to be deleted that only a dry run has made.</summary>
    private static string MissingIsRight(string command) => command.StartsWith("kubectl delete ") ? "--ignore-not-found" : "";

    private static string InTheCluster(string command) => Regex.Replace(command, @"\bNODE\b", Cluster.Node);
}
