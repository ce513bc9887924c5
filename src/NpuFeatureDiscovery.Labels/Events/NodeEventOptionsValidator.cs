using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Labels.Events;

internal sealed class NodeEventOptionsValidator : IValidateOptions<NodeEventOptions>
{
    public ValidateOptionsResult Validate(string? name, NodeEventOptions options) =>
        NodeSinkOptions.NodeNameError(options.NodeName) is { } error
            ? ValidateOptionsResult.Fail($"NodeName '{options.NodeName}': {error}")
            : ValidateOptionsResult.Success;
}
