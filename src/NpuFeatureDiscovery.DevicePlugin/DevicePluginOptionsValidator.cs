using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.DevicePlugin;

internal sealed class DevicePluginOptionsValidator : IValidateOptions<DevicePluginOptions>
{
    public ValidateOptionsResult Validate(string? name, DevicePluginOptions options)
    {
        var failures = new List<string>();
        if (DevicePluginOptions.ResourceNameError(options.ResourceName) is { } error)
            failures.Add($"{nameof(options.ResourceName)} is '{options.ResourceName}': {error}");

        failures.AddRange(options.Errors());
        if (!Enum.IsDefined(options.DefaultPe))
            failures.Add($"{nameof(options.DefaultPe)} is {options.DefaultPe}: allowed are {DefaultPe.Fusion} and {DefaultPe.Single}.");
        if (!Enum.IsDefined(options.AllocationPolicy))
            failures.Add($"{nameof(options.AllocationPolicy)} is {options.AllocationPolicy}: allowed are {AllocationPolicy.Packed} and "
                + $"{AllocationPolicy.Spread}.");

        if (!Enum.IsDefined(options.Cdi))
        {
            failures.Add($"{nameof(options.Cdi)} is {options.Cdi}: allowed are {CdiMode.Off}, {CdiMode.Annotations} and "
                + $"{CdiMode.Field}.");
        }

        if (DevicePluginOptions.CdiDirectoryError(options.CdiDirectory) is { } cdiError)
            failures.Add($"{nameof(options.CdiDirectory)} is '{options.CdiDirectory}': {cdiError}");

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
