using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Labels;

internal sealed class LabelOptionsValidator : IValidateOptions<LabelOptions>
{
    public ValidateOptionsResult Validate(string? name, LabelOptions options)
    {
        var failures = new List<string>();
        var allowed = string.Join(", ", LabelProfiles.Names);
        if (options.Profiles.Count == 0)
            failures.Add($"{nameof(LabelOptions.Profiles)} is empty: at least one of {allowed} is needed.");

        failures.AddRange(options.Profiles.Where(profile => LabelProfiles.Find(profile, options) is null)
            .Select(profile => $"{nameof(LabelOptions.Profiles)} holds '{profile}', which is unknown: allowed are {allowed}."));

        if (options.HardwareType is { } hardwareType && LabelOptions.HardwareTypeError(hardwareType) is { } error)
            failures.Add($"{nameof(LabelOptions.HardwareType)} is '{hardwareType}': {error}");

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
