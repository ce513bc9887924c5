using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Sinks;

internal sealed class FeatureFileOptionsValidator(IOptions<DeviceMonitorOptions> devices) : IValidateOptions<FeatureFileOptions>
{
    public ValidateOptionsResult Validate(string? name, FeatureFileOptions options)
    {
        var failures = new List<string>();
        if (FeatureFileOptions.FileNameError(options.FileName) is { } error)
            failures.Add(error);
        if (options.Lease is { } lease && FeatureFileOptions.LeaseError(lease, devices.Value.Interval) is { } leaseError)
            failures.Add(leaseError);

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
