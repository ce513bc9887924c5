using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.DevicePlugin;

internal sealed class DevicePluginOptionsValidator : IValidateOptions<DevicePluginOptions>
{
    public ValidateOptionsResult Validate(string? name, DevicePluginOptions options)
    {
        var failures = new List<string>();
        Check(nameof(options.ResourceName), options.ResourceName, DevicePluginOptions.ResourceNameError(options.ResourceName));
        Check(nameof(options.SocketName), options.SocketName, options.SocketError());
        if (!Enum.IsDefined(options.Registration))
            failures.Add($"{nameof(options.Registration)} is {options.Registration}: allowed are {RegistrationMode.Classic}, "
                + $"{RegistrationMode.Watcher} and {RegistrationMode.Auto}.");
        if (!Enum.IsDefined(options.DefaultPe))
            failures.Add($"{nameof(options.DefaultPe)} is {options.DefaultPe}: allowed are {DefaultPe.Fusion} and {DefaultPe.Single}.");

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string property, string value, string? error)
        {
            if (error is not null)
                failures.Add($"{property} is '{value}': {error}");
        }
    }
}
