using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>What a client wants to have, by the headers <c>Accept</c> and <c>Accept-Encoding</c>: RFC 9110, 12.5.</summary>
internal static class Accepted
{
    /// <summary>OpenMetrics where it is asked for and nothing is liked better; else text, for <c>*/*</c> as well.</summary>
    public static MetricsFormat Format(IHeaderDictionary headers)
    {
        var types = MediaTypes(headers);
        var openMetrics = Quality(types, "application/openmetrics-text", "1.0.0");
        return openMetrics > 0 && openMetrics >= QualityOfText(types, "0.0.4")
            ? MetricsFormat.OpenMetrics
            : MetricsFormat.PrometheusText;
    }

    public static bool Json(IHeaderDictionary headers)
    {
        var types = MediaTypes(headers);
        var json = Quality(types, "application/json");
        return json > 0 && json >= QualityOfText(types);
    }

    public static bool Gzip(IHeaderDictionary headers)
    {
        if (!StringWithQualityHeaderValue.TryParseList(headers.AcceptEncoding, out var codings))
            return false;

        var named = codings.FirstOrDefault(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase))
            ?? codings.FirstOrDefault(coding => coding.Value == "*");
        return named is { Quality: not 0 };
    }

    private static IList<MediaTypeHeaderValue> MediaTypes(IHeaderDictionary headers) =>
        MediaTypeHeaderValue.TryParseList(headers.Accept, out var types) ? types : [];

    private static double QualityOfText(IList<MediaTypeHeaderValue> types, string? version = null) =>
        Quality(types, "text/plain", version) ?? Quality(types, "text/*") ?? Quality(types, "*/*") ?? 0;

    /// <summary>How much a type is liked, if it is named; without a version it stands for any.</summary>
    private static double? Quality(IList<MediaTypeHeaderValue> types, string mediaType, string? version = null) => types
        .Where(type => type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
            && (version is null || VersionOf(type) is not { } given || given == version))
        .Max(type => (double?)(type.Quality ?? 1));

    private static string? VersionOf(MediaTypeHeaderValue type) => type.Parameters
        .Where(parameter => parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))
        .Select(parameter => HeaderUtilities.RemoveQuotes(parameter.Value).ToString()).FirstOrDefault();
}
