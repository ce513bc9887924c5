using Microsoft.AspNetCore.Http;
using NpuFeatureDiscovery.Metrics.Endpoint;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

public sealed class AcceptedTests
{
    // As sent by Prometheus 2.42, 2.53 with protobuf, 3.x with UTF-8 names, then others.
    [TestCase("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", ExpectedResult = true)]
    [TestCase("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", ExpectedResult = true)]
    [TestCase("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", ExpectedResult = true)]
    [TestCase("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", ExpectedResult = false)]
    [TestCase("application/openmetrics-text;version=\"1.0.0\"", ExpectedResult = true)]
    [TestCase("Application/OpenMetrics-Text; Version=1.0.0; charset=utf-8", ExpectedResult = true)]
    [TestCase("application/openmetrics-text", ExpectedResult = true)]
    [TestCase("application/openmetrics-text;version=0.0.1", ExpectedResult = false)]
    [TestCase("application/openmetrics-text;version=2.0.0,*/*;q=0.1", ExpectedResult = false)]
    [TestCase("application/openmetrics-text;q=0", ExpectedResult = false)]
    [TestCase("application/openmetrics-text;q=0.3,text/plain;q=0.5", ExpectedResult = false)]
    [TestCase("application/openmetrics-text;q=0.3,text/*;q=0.5", ExpectedResult = false)]
    [TestCase("application/openmetrics-text;q=0.3,*/*;q=0.5", ExpectedResult = false)]
    [TestCase("*/*,application/openmetrics-text", ExpectedResult = true)]
    [TestCase("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ExpectedResult = false)]
    [TestCase("*/*", ExpectedResult = false)]
    [TestCase("", ExpectedResult = false)]
    [TestCase("nonsense", ExpectedResult = false)]
    [TestCase(";;,,q=;", ExpectedResult = false)]
    public bool OpenMetrics_is_given_to_those_who_like_it_best(string accept) =>
        Accepted.Format(Headers(accept: accept)) == MetricsFormat.OpenMetrics;

    [Test]
    public void Text_is_given_to_those_who_say_nothing() =>
        Assert.That(Accepted.Format(new HeaderDictionary()), Is.EqualTo(MetricsFormat.PrometheusText));

    [TestCase("application/json", ExpectedResult = true)]
    [TestCase("application/json, text/plain, */*", ExpectedResult = true)]
    [TestCase("application/json;q=0.5, text/plain", ExpectedResult = false)]
    [TestCase("application/json;q=0", ExpectedResult = false)]
    [TestCase("*/*", ExpectedResult = false)]
    [TestCase("text/plain", ExpectedResult = false)]
    public bool Json_is_given_to_those_who_ask_for_it(string accept) => Accepted.Json(Headers(accept: accept));

    [TestCase("gzip", ExpectedResult = true)]
    [TestCase("deflate, GZIP;q=0.5", ExpectedResult = true)]
    [TestCase("*", ExpectedResult = true)]
    [TestCase("gzip;q=0, *", ExpectedResult = false)]
    [TestCase("gzip;q=0", ExpectedResult = false)]
    [TestCase("gzip;q=0.000", ExpectedResult = false)]
    [TestCase("*;q=0", ExpectedResult = false)]
    [TestCase("identity", ExpectedResult = false)]
    [TestCase("", ExpectedResult = false)]
    public bool Gzip_is_given_to_those_who_can_read_it(string coding) => Accepted.Gzip(Headers(coding: coding));

    private static HeaderDictionary Headers(string accept = "", string coding = "") =>
        new() { ["Accept"] = accept, ["Accept-Encoding"] = coding };
}
