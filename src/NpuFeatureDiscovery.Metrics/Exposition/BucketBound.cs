using System.Globalization;

namespace NpuFeatureDiscovery.Metrics.Exposition;

/// <summary>
/// Prints a bound as Go does by <c>%g</c>: it becomes a label's value, so its text is what tells a bucket from others, also
/// from those of other programs.
/// </summary>
internal static class BucketBound
{
    /// <summary>From here on Go prints an exponent, .NET does later.</summary>
    private const double FirstWithExponent = 1e6;

    public static string Print(double bound)
    {
        if (double.IsPositiveInfinity(bound))
            return "+Inf";

        var number = bound.ToString(CultureInfo.InvariantCulture);
        if (number.Contains('E', StringComparison.Ordinal))
            return number.Replace('E', 'e');

        return Math.Abs(bound) < FirstWithExponent ? number
            : bound < 0 ? "-" + Exponential(number[1..])
            : Exponential(number);
    }

    private static string Exponential(string number)
    {
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var exponent = (point < 0 ? number.Length : point) - 1;
        var digits = number.Replace(".", "", StringComparison.Ordinal).TrimEnd('0');
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return string.Create(CultureInfo.InvariantCulture, $"{digits[0]}{fraction}e+{exponent:00}");
    }
}
