using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Deploy;

public sealed class ManifestTests
{
    private const string Name = "furiosa-npu-feature-discovery";

    [TestCase("label-node", "nodes: patch")]
    [TestCase("label-node-feature", "nodes: patch; nodefeatures.nfd.k8s-sigs.io: create, patch, delete; pods: get")]
    [TestCase("label-auto", "nodes: patch; nodefeatures.nfd.k8s-sigs.io: create, patch, delete; pods: get")]
    public void A_mode_has_these_rights_and_no_others(string component, string rules) => Assert.That(
        string.Join("; ", Manifests.Read(component).Rules.Select(rule =>
            $"{$"{rule.Resource}.{rule.Group}".TrimEnd('.')}: {string.Join(", ", rule.Verbs)}")),
        Is.EqualTo(rules));

    [TestCase("label-node")]
    [TestCase("label-node-feature")]
    [TestCase("label-auto")]
    public void The_README_says_what_each_verb_is_for(string component)
    {
        var table = File.ReadLines(Repository.At("deploy/README.md")).Where(line => line.StartsWith('|')).ToArray();

        Assert.That(table, Has.Some.Contains($"`{component}`"));
        foreach (var rule in Manifests.Read(component).Rules)
        {
            foreach (var verb in rule.Verbs)
                Assert.That(table, Has.Some.StartsWith($"| `{rule.Resource}` | `{verb}` |"));
        }
    }

    [TestCase("label-node", 1)]
    [TestCase("label-node-feature", 2)]
    [TestCase("label-auto", 2)]
    [CancelAfter(60_000)]
    public async Task One_account_in_the_namespace_that_is_asked_for_has_the_roles(string component, int roles, CancellationToken token)
    {
        var manifests = await Manifests.KustomizeAsync("kube-system", "", token, component);

        var objects = manifests.Objects.ToLookup(made => (string?)made["kind"]);
        Assert.That(objects["ServiceAccount"].Count(), Is.EqualTo(1));
        Assert.That(
            objects["ServiceAccount"].Concat(objects["Role"]).Concat(objects["RoleBinding"]).Select(made => (string?)made["metadata"]["namespace"]),
            Has.All.EqualTo("kube-system"));
        Assert.That(manifests.Objects.Select(made => (string?)made["metadata"]["name"]), Has.All.EqualTo(Name));
        var bindings = objects["RoleBinding"].Concat(objects["ClusterRoleBinding"]).ToArray();
        Assert.That(bindings, Has.Length.EqualTo(roles));
        foreach (var binding in bindings)
        {
            var subject = binding["subjects"][0];
            Assert.That(
                ((string?)binding["roleRef"]["name"], (string?)subject["kind"], (string?)subject["name"], (string?)subject["namespace"]),
                Is.EqualTo((Name, "ServiceAccount", Name, "kube-system")));
        }
    }
}
