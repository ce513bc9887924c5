using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Metrics;

internal sealed class EndpointOptionsValidator : IValidateOptions<EndpointOptions>
{
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, EndpointOptions options)
    {
        var failures = new List<string>();
        if (options.Address is null)
            failures.Add($"{nameof(EndpointOptions.Address)} is not set: give one, such as ':8080' or '127.0.0.1:8080'.");

        Check(nameof(EndpointOptions.CollectDeadline), options.CollectDeadline);
        Check(nameof(EndpointOptions.CheckDeadline), options.CheckDeadline);
        if (options.MaxSeries is < 1 or > EndpointOptions.MostSeries)
        {
            failures.Add(
                $"{nameof(EndpointOptions.MaxSeries)} is '{options.MaxSeries}': allowed are 1 to {EndpointOptions.MostSeries}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string option, TimeSpan deadline)
        {
            if (deadline <= TimeSpan.Zero || deadline > LongestDeadline)
                failures.Add($"{option} is '{deadline}': allowed is more than zero and at most {LongestDeadline}.");
        }
    }
}
