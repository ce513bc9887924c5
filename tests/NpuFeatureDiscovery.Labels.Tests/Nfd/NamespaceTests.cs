using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>Which namespaces nfd-master allows, by version and settings.</summary>
public sealed class NamespaceTests
{
    [Versions("0.8", "0.19", "feature.node.kubernetes.io", true)]
    [Versions("0.8", "0.8", "furiosa.feature.node.kubernetes.io", false)]
    [Versions("0.9", "0.19", "furiosa.feature.node.kubernetes.io", true)]
    [Versions("0.8", "0.9", "profile.node.kubernetes.io", false)]
    [Versions("0.10", "0.19", "profile.node.kubernetes.io", true)]
    [Versions("0.10", "0.19", "a.b.profile.node.kubernetes.io", true)]
    [Versions("0.8", "0.12", "beta.furiosa.ai", false)]
    [Versions("0.13", "0.19", "beta.furiosa.ai", true)]
    [Versions("0.8", "0.19", "node.kubernetes.io", false)]
    [Versions("0.8", "0.12", "xkubernetes.io", false)]
    [Versions("0.13", "0.19", "xkubernetes.io", true)]
    public void As_it_comes(string version, string name, bool isAllowed) => AssertAllowed(version, name, isAllowed, new NfdMasterOptions());

    [Versions("0.8", "0.19", "beta.furiosa.ai", true)]
    [Versions("0.8", "0.12", "furiosa.ai", false)]
    [Versions("0.8", "0.12", "x.beta.furiosa.ai", false)]
    [Versions("0.8", "0.19", "node.kubernetes.io", true)]
    public void Extra_namespaces_are_exact_names_and_may_be_those_of_Kubernetes(string version, string name, bool isAllowed) =>
        AssertAllowed(version, name, isAllowed, new NfdMasterOptions { ExtraLabelNamespaces = ["beta.furiosa.ai", "node.kubernetes.io"] });

    [Versions("0.13", "0.19", "furiosa.ai", false)]
    [Versions("0.13", "0.19", "beta.furiosa.ai", true)]
    [Versions("0.13", "0.19", "a.example.com", false)]
    [Versions("0.13", "0.19", "example.com", true)]
    [Versions("0.13", "0.19", "b.example.com", true)]
    [Versions("0.8", "0.19", "feature.node.kubernetes.io", true)]
    public void Denied_namespaces_are_exact_names_or_endings_and_extra_ones_are_exempt(string version, string name, bool isAllowed) =>
        AssertAllowed(version, name, isAllowed, new NfdMasterOptions
        {
            DenyLabelNamespaces = ["furiosa.ai", "*.example.com"],
            ExtraLabelNamespaces = ["b.example.com"],
        });

    [Versions("0.8", "0.14", "feature.node.kubernetes.io", true)]
    [Versions("0.15", "0.19", "feature.node.kubernetes.io", false)]
    [Versions("0.13", "0.19", "furiosa.ai", false)]
    public void A_star_denies_all_and_from_015_on_the_namespace_of_NFD_too(string version, string name, bool isAllowed) =>
        AssertAllowed(version, name, isAllowed, new NfdMasterOptions { DenyLabelNamespaces = ["*"] });

    [Versions("0.10", "0.14", true)]
    [Versions("0.15", "0.19", false)]
    public void What_gets_the_namespace_of_NFD_is_denied_with_it(string version, bool isAllowed) => Assert.That(
        Verdict.Of("a=1\n", version, master: new NfdMasterOptions { DenyLabelNamespaces = ["*"] }),
        Is.EqualTo(isAllowed ? "Label feature.node.kubernetes.io/a=1" : "Refused"));

    private static void AssertAllowed(string version, string name, bool isAllowed, NfdMasterOptions master)
    {
        var file = NfdFeatureFile.Parse($"{name}/a=1\n", NfdVersion.Parse(version), Verdict.Now, master);

        Assert.That(Verdict.Of(file), Is.EqualTo(isAllowed ? $"Label {name}/a=1" : "Refused"));
        Assert.That(file.IsLossy, Is.Not.EqualTo(isAllowed));
        Assert.That(file.Lines[0].Reason, isAllowed ? Is.Null : Does.Contain("extraLabelNs"));
    }
}
