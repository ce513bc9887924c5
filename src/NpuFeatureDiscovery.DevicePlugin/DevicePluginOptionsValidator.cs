using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.DevicePlugin;

internal sealed class DevicePluginOptionsValidator : IValidateOptions<DevicePluginOptions>
{
    public ValidateOptionsResult Validate(string? name, DevicePluginOptions options)
    {
        var failures = new List<string>();
        Check(nameof(options.ResourceName), options.ResourceName, DevicePluginOptions.ResourceNameError(options.ResourceName));
        Check(nameof(options.SocketName), options.SocketName,
            DevicePluginOptions.SocketError(options.PluginDirectory, options.SocketName));
        if (!Enum.IsDefined(options.DefaultPe))
            failures.Add($"{nameof(options.DefaultPe)} is {options.DefaultPe}: allowed are {DefaultPe.Fusion} and {DefaultPe.Single}.");
        if (!Enum.IsDefined(options.AllocationPolicy))
            failures.Add($"{nameof(options.AllocationPolicy)} is {options.AllocationPolicy}: allowed are {AllocationPolicy.Packed} and "
                + $"{AllocationPolicy.Spread}.");

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string property, string value, string? error)
        {
            if (error is not null)
                failures.Add($"{property} is '{value}': {error}");
        }
    }
}
