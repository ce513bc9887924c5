using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Devices;

internal sealed class DeviceMonitorOptionsValidator : IValidateOptions<DeviceMonitorOptions>
{
    public ValidateOptionsResult Validate(string? name, DeviceMonitorOptions options)
    {
        var failures = new List<string>();
        var (shortest, longest) = DeviceMonitorOptions.IntervalRange;
        if (options.Interval < shortest || options.Interval > longest)
            failures.Add($"{nameof(options.Interval)} is {options.Interval}: allowed are {shortest} to {longest}.");
        if (options.HealthInterval < shortest || options.HealthInterval > options.Interval)
            failures.Add($"{nameof(options.HealthInterval)} is {options.HealthInterval}: "
                + $"allowed are {shortest} to the {nameof(options.Interval)}, which is {options.Interval}.");
        if (options.KeepUnknown < TimeSpan.Zero)
            failures.Add($"{nameof(options.KeepUnknown)} is {options.KeepUnknown}: allowed is zero or more.");
        if (options.ReadDeadline <= TimeSpan.Zero)
            failures.Add($"{nameof(options.ReadDeadline)} is {options.ReadDeadline}: allowed is more than zero.");

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
