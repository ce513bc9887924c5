using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Of the options that have the name of a resource.</summary>
internal sealed class KubeletOptionsValidator : IValidateOptions<KubeletOptions>
{
    public ValidateOptionsResult Validate(string? name, KubeletOptions options)
    {
        string[] failures = [.. options.Errors().Select(error => $"Device plugin of '{name}': {error}")];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
