using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Labels.Sinks;

internal sealed class FeatureFileOptionsValidator : IValidateOptions<FeatureFileOptions>
{
    public ValidateOptionsResult Validate(string? name, FeatureFileOptions options) =>
        FeatureFileOptions.FileNameError(options.FileName) is { } error
            ? ValidateOptionsResult.Fail(error)
            : ValidateOptionsResult.Success;
}
