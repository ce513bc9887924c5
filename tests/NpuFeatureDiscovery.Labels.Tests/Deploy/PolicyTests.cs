using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Labels.Tests.Deploy;

/// <summary>By its shape: the API server that evaluates it is of Kubernetes 1.30 or later.</summary>
public sealed partial class PolicyTests
{
    private static readonly string[] Defined = ["variables", "request", "object", "oldObject"];
    private static readonly string[] Kept = ["spec", "annotations", "finalizers", "ownerReferences"];

    private readonly YamlNode _policy = Manifests.Read("own-node-only").Objects.First();
    private readonly YamlNode _binding = Manifests.Read("own-node-only").Objects.Last();

    [Test]
    public void It_refuses_changes_of_Nodes()
    {
        Assert.That(((string?)_policy["apiVersion"], (string?)_policy["kind"]), Is.EqualTo(
            ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy")));
        Assert.That((string?)_policy["spec"]["failurePolicy"], Is.EqualTo("Fail"));
        var rule = _policy["spec"]["matchConstraints"]["resourceRules"][0];
        Assert.That(Manifests.Texts(rule["apiGroups"]), Is.EqualTo([""]));
        Assert.That(Manifests.Texts(rule["operations"]), Is.EqualTo(["UPDATE"]));
        Assert.That(Manifests.Texts(rule["resources"]), Is.EqualTo(["nodes"]));
        Assert.That((string?)_binding["kind"], Is.EqualTo("ValidatingAdmissionPolicyBinding"));
        Assert.That((string?)_binding["spec"]["policyName"], Is.EqualTo((string?)_policy["metadata"]["name"]));
        Assert.That(Manifests.Texts(_binding["spec"]["validationActions"]), Is.EqualTo(["Deny"]));
    }

    [Test]
    public void It_is_for_the_account_of_the_roles()
    {
        var account = Manifests.Read("label-node").Objects.Single(made => (string?)made["kind"] == "ServiceAccount");

        Assert.That(
            (string?)_policy["spec"]["matchConditions"][0]["expression"],
            Does.Contain("startsWith('system:serviceaccount:')").And.Contain($"endsWith(':{account["metadata"]["name"]}')"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task It_stands_beside_the_roles(CancellationToken token)
    {
        var manifests = await Manifests.KustomizeAsync("kube-system", "", token, "label-node", "own-node-only");

        Assert.That(manifests.Objects.Select(made => (string?)made["kind"]), Is.EquivalentTo(
            ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]));
    }

    [TestCase(LabelProfiles.Alpha)]
    [TestCase(LabelProfiles.Beta)]
    [TestCase(LabelProfiles.Current)]
    public void It_lets_every_label_of_a_profile_through(string profile)
    {
        var prefixes = Quoted().Matches(Variable("prefixes")).Select(match => match.Groups[1].Value).ToArray();

        var labels = LabelEngine.Create(Nodes.Of(Nodes.Warboy(0), Nodes.Rngd(1)), new LabelOptions { Profiles = [profile] }).Labels;

        Assert.That(labels, Is.Not.Empty);
        foreach (var label in labels)
            Assert.That(prefixes.Any(prefix => label.Key.StartsWith(prefix, StringComparison.Ordinal)), Is.True, label.Key);
        Assert.That(prefixes, Has.All.EndsWith("furiosa.ai/"));
    }

    [Test]
    public void It_knows_the_Node_by_the_claim_of_the_token_that_a_pod_has_since_1_30() => Assert.That(
        Variable("node"), Does.Contain("request.userInfo").And.Contain("'authentication.kubernetes.io/node-name'"));

    [Test]
    public void Its_expressions_are_whole_and_use_what_is_defined()
    {
        var validations = (YamlSequenceNode)_policy["spec"]["validations"];
        var variables = (YamlSequenceNode)_policy["spec"]["variables"];
        var names = variables.Select(variable => (string?)variable["name"]).ToArray();
        var expressions = validations.Concat(variables).Select(part => (string?)part["expression"]!).ToArray();
        foreach (var expression in expressions)
        {
            // With a line feed in it a message would be needed too.
            Assert.That(expression, Does.Not.Contain('\n'));
            Assert.That(expression.Count(character => character == '('), Is.EqualTo(expression.Count(character => character == ')')), expression);
            Assert.That(expression.Count(character => character == '\'') % 2, Is.Zero, expression);
            Assert.That(VariableNames().Matches(expression).Select(match => match.Groups[1].Value).Distinct(), Is.SubsetOf(names));
            Assert.That(
                Roots().Matches(Quoted().Replace(expression, "")).Select(match => match.Groups[1].Value).Except(["key"]), Is.SubsetOf(Defined));
        }

        var all = string.Join(' ', expressions);
        foreach (var name in names)
            Assert.That(all, Does.Contain($"variables.{name}"));
        foreach (var field in Kept)
            Assert.That(all, Does.Match($@"object\.(metadata\.)?\?{field}\.orValue.+ == oldObject\.(metadata\.)?\?{field}\.orValue"));
        Assert.That(validations.Select(part => (string?)part["reason"]), Has.All.EqualTo("Forbidden"));
    }

    private string Variable(string name) => (string?)((YamlSequenceNode)_policy["spec"]["variables"])
        .Single(variable => (string?)variable["name"] == name)["expression"] ?? "";

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"variables\.(\w+)")]
    private static partial Regex VariableNames();

    /// <summary>What stands before the first dot of a path.</summary>
    [GeneratedRegex(@"(?<![\w.?])([a-zA-Z]\w*)\.")]
    private static partial Regex Roots();
}
