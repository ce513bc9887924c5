using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>The dashboards of <c>samples/grafana</c>.</summary>
public sealed partial class DashboardTests
{
    private const int Deadline = 180_000;

    /// <summary>Those that come with Grafana itself.</summary>
    private static readonly string[] Panels = ["bargauge", "piechart", "row", "stat", "state-timeline", "table", "timeseries"];

    [TestCase("npu-overview", "furiosa-npu-overview")]
    [TestCase("npu-pods", "furiosa-npu-pods")]
    public void A_dashboard_is_one_that_Grafana_imports_as_it_is(string name, string uid)
    {
        var dashboard = Dashboard.Read(name);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)dashboard.Json["uid"], Is.EqualTo(uid));
            // Grafana gives it one of its own.
            Assert.That(dashboard.Json["id"], Is.Null);
            Assert.That((int)dashboard.Json["schemaVersion"]!, Is.GreaterThanOrEqualTo(36), "Grafana 9");
            Assert.That(dashboard.Panels.Select(panel => (int)panel["id"]!), Is.EqualTo(Enumerable.Range(1, dashboard.Panels.Count)));
            Assert.That(dashboard.Panels.Select(panel => (string)panel["type"]!).Distinct(), Is.SubsetOf(Panels));
            Assert.That(dashboard.Panels.Select(panel => (string)panel["title"]!), Is.Unique.And.All.Not.Empty);
            Assert.That(dashboard.Targets.Select(target => (string)target["datasource"]!["uid"]!), Is.All.EqualTo("${datasource}"));
            Assert.That(dashboard.Targets.SelectMany(target => VariableNames((string)target["expr"]!)).Distinct(),
                Is.SubsetOf(dashboard.Variables.Keys));
        }
    }

    [TestCase("npu-overview")]
    [TestCase("npu-pods")]
    public void No_panel_lies_upon_another(string name)
    {
        var cells = Dashboard.Read(name).Panels.Select(panel => panel["gridPos"]!).SelectMany(
            at => from x in Enumerable.Range((int)at["x"]!, (int)at["w"]!)
                  from y in Enumerable.Range((int)at["y"]!, (int)at["h"]!)
                  select (x, y));

        Assert.That(cells, Is.Unique);
        Assert.That(cells.Select(cell => cell.x), Is.All.LessThan(24));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Every_panel_and_every_variable_of_the_dashboards_has_data(CancellationToken token)
    {
        await using var cluster = await SampleCluster.StartAsync(token);
        // Of panels for faults that are empty without.
        cluster.Warboys.Host.MakeUnreadable("/sys/class/npu_mgmt/npu1_mgmt/heartbeat");
        SampleCluster.Hold(cluster.Mixed, "second", SampleCluster.MixedWarboy);
        Dashboard[] dashboards = [Dashboard.Read("npu-overview"), Dashboard.Read("npu-pods")];

        using (Assert.EnterMultipleScope())
        {
            foreach (var (label, selector) in dashboards.SelectMany(dashboard => dashboard.Variables.Values).OfType<(string, string)>())
                Assert.That(await cluster.Prometheus.LabelValuesAsync(label, Dashboard.Fill(selector), token), Is.Not.Empty, selector);
        }

        foreach (var expression in dashboards.SelectMany(dashboard => dashboard.Targets).Select(target => (string)target["expr"]!))
            await cluster.Prometheus.UntilAsync(Dashboard.Fill(expression), HasValue, token);
    }

    private static bool HasValue(IReadOnlyList<PrometheusSample> samples) => samples.Any(sample => !double.IsNaN(sample.Value));

    private static IEnumerable<string> VariableNames(string expression) => Variable().Matches(expression)
        .Select(match => match.Groups[1].Value).Where(name => !name.StartsWith("__", StringComparison.Ordinal));

    [GeneratedRegex(@"\$(\w+)")]
    private static partial Regex Variable();
}
