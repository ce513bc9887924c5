using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Workloads;

public sealed class WorkloadTests
{
    private const string Gpu = "nvidia.com/gpu";

    private static readonly string Npu = new DevicePluginOptions().ResourceName;

    private static IEnumerable<TestCaseData> All => Cases(Workload.All);

    private static IEnumerable<TestCaseData> WithPods => Cases(Workload.WithPods);

    [TestCaseSource(nameof(All))]
    public void It_has_no_text_that_kubectl_takes_for_a_boolean(object workload) =>
        Assert.That(() => YamlJson.Convert(((Workload)workload).Object), Throws.Nothing);

    [Test]
    public void All_can_stand_in_one_namespace() =>
        Assert.That(Workload.All.Where(workload => !workload.File.StartsWith("Jenkinsfile")).Select(Name), Is.Unique);

    [Test]
    public void Every_file_has_a_container_with_an_NPU()
    {
        var files = Workload.WithPods.Where(workload => workload.Containers.Any(container => Limits(container).ContainsKey(Npu)))
            .Select(workload => workload.File.Split(',')[0]).Distinct();

        Assert.That(files, Is.EquivalentTo([.. SampleWorkloads.Files, "Jenkinsfile"]));
    }

    [TestCaseSource(nameof(WithPods))]
    public void Devices_are_asked_for_in_limits_whole_and_in_requests_the_same_or_not_at_all(object workload)
    {
        foreach (var container in ((Workload)workload).Containers)
        {
            var limits = Limits(container);
            var requests = container.At("resources", "requests").Texts();

            Assert.That(limits.Keys.Union(requests.Keys).Where(name => name.Contains('/')), Is.SubsetOf([Npu, Gpu]));
            foreach (var (name, amount) in limits.Where(limit => limit.Key.Contains('/')))
            {
                Assert.That(amount, Does.Match(@"^[1-9]\d*\z"));
                Assert.That(requests.GetValueOrDefault(name, amount), Is.EqualTo(amount));
            }

            Assert.That(requests.Keys, Is.SubsetOf(limits.Keys));
        }
    }

    [TestCaseSource(nameof(WithPods))]
    public void Resources_and_commands_stand_in_the_containers(object workload) => Assert.That(
        ((YamlMappingNode)((Workload)workload).Pod).Children.Keys.Select(key => (string?)key),
        Does.Not.Contain("resources").And.Not.Contain("command").And.Not.Contain("args"));

    [TestCaseSource(nameof(WithPods))]
    public void What_is_made_to_end_says_what_happens_then(object workload)
    {
        var policy = ((Workload)workload).Pod.At("restartPolicy").Text();

        if (((Workload)workload).Kind is "Job" or "CronJob")
            Assert.That(policy, Is.AnyOf("Never", "OnFailure"));
        else
            Assert.That(policy, ((Workload)workload).Kind == "Deployment" ? Is.Null : Is.AnyOf(null, "Never"));
    }

    [TestCaseSource(nameof(WithPods))]
    public void Its_containers_have_no_more_rights_than_they_need(object workload)
    {
        var pod = ((Workload)workload).Pod;

        Assert.That(pod.At("automountServiceAccountToken").Text(), Is.EqualTo("false"));
        Assert.That(pod.At("securityContext", "seccompProfile", "type").Text(), Is.EqualTo("RuntimeDefault"));
        foreach (var context in ((Workload)workload).Containers.Select(container => container.At("securityContext")))
        {
            Assert.That(context.At("allowPrivilegeEscalation").Text(), Is.EqualTo("false"));
            Assert.That(context.At("privileged"), Is.Null);
        }
    }

    [TestCaseSource(nameof(WithPods))]
    public void Its_images_are_of_a_version(object workload) => Assert.That(
        ((Workload)workload).Containers.Select(container => (string?)container["image"]),
        Has.All.Match(@"^[\w./-]+:(?!latest\z)[\w.-]+\z"));

    [Test]
    public void The_Deployment_selects_its_Pods_and_the_Service_too()
    {
        var deployment = Workload.All.Single(workload => workload.Kind == "Deployment");
        var service = Workload.All.Single(workload => workload.Kind == "Service");
        var labels = deployment.Template.At("metadata", "labels").Texts();

        Assert.That(deployment.Object.At("spec", "selector", "matchLabels").Texts(), Is.Not.Empty.And.SubsetOf(labels));
        Assert.That(service.Object.At("spec", "selector").Texts(), Is.Not.Empty.And.SubsetOf(labels));
        Assert.That(
            service.Object.At("spec", "ports").Items().Select(port => (string?)port["targetPort"]),
            Is.SubsetOf(deployment.Containers.Single().At("ports").Items().Select(port => (string?)port["name"])));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_CronJob_is_right_in_the_version_that_1_20_does_not_serve(CancellationToken token)
    {
        var cronJob = Workload.All.Single(workload => workload.Kind == "CronJob").Object;

        Assert.That((string?)cronJob["apiVersion"], Is.EqualTo("batch/v1"));
        Assert.That(await ObjectSchema.ErrorsAsync(cronJob, token), Is.Empty);
    }

    [Test]
    public void The_toleration_is_that_of_the_taint_of_the_NodeFeatureRule_and_of_the_command()
    {
        var rule = YamlFile.Read("nfd/node-feature-rule-taint.yaml").Single().At("spec", "rules").Items().Single();
        var taint = rule.At("taints").Items().Single();
        var tolerations = Workload.WithPods.SelectMany(workload => workload.Pod.At("tolerations").Items()).ToArray();

        Assert.That(tolerations, Is.Not.Empty);
        foreach (var toleration in tolerations)
            Assert.That(toleration.Texts(), Is.SupersetOf(taint.Texts()));
        Assert.That(
            SampleWorkloads.Read("taint-and-toleration.yaml"),
            Does.Contain($"kubectl taint nodes npu-server {taint["key"]}={taint["value"]}:{taint["effect"]}\n"));
    }

    private static IEnumerable<TestCaseData> Cases(IEnumerable<Workload> workloads) =>
        workloads.Select(workload => new TestCaseData(workload).SetArgDisplayNames(workload.ToString()));

    private static string Name(Workload workload) => $"{workload.Kind}/{(string?)workload.Object["metadata"]["name"]}";

    private static Dictionary<string, string> Limits(YamlNode container) => container.At("resources", "limits").Texts();
}
