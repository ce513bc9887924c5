using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Metrics.Npus;

internal sealed class NpuMetricsOptionsValidator : IValidateOptions<NpuMetricsOptions>
{
    public ValidateOptionsResult Validate(string? name, NpuMetricsOptions options)
    {
        var failures = new List<string>();
        if (MetricProfiles.Error([.. options.Profiles]) is { } error)
            failures.Add($"{nameof(options.Profiles)} is '{string.Join(", ", options.Profiles)}': {error}");
        if (options.DeviceTimeout <= TimeSpan.Zero)
            failures.Add($"{nameof(options.DeviceTimeout)} is {options.DeviceTimeout}: allowed is more than zero.");
        if (options is { PodLabels: true, Pods: false })
            failures.Add($"{nameof(options.PodLabels)} needs {nameof(options.Pods)}: the kubelet tells which Pods hold the cards.");

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
