using System.Net;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Takes away what this program published, and nothing else.</summary>
internal sealed class LabelCleanup(LabelSinks sinks, TextWriter output)
{
    /// <exception cref="LabelPublishException">Something is left; everything else was taken away.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        // The file first: whatever NFD makes of it must not come back.
        if (sinks.Output is LabelOutput.Auto or LabelOutput.File)
        {
            var file = sinks.CreateFile();
            await GuardAsync(file.Target, () => Task.FromResult(file.Remove()));
        }

        foreach (var sink in sinks.CreateOfApi())
            await GuardAsync(sink.Target, () => RemoveAsync(sink, cancellationToken));

        if (failures.Count > 0)
            throw new LabelPublishException(string.Join(' ', failures));

        async Task GuardAsync(string target, Func<Task<bool>> remove)
        {
            try
            {
                await output.WriteLineAsync($"{target}: {(await remove() ? "removed" : "nothing to remove")}");
            }
            catch (LabelPublishException exception)
            {
                failures.Add(exception.Message);
            }
        }
    }

    private async Task<bool> RemoveAsync(ILabelSink sink, CancellationToken cancellationToken)
    {
        try
        {
            return await sink.PublishAsync(LabelSet.Empty, cancellationToken) == PublishResult.Removed;
        }
        catch (LabelPublishException exception) when (IsForbidden(exception))
        {
            if (await IsEmptyAsync(sink, cancellationToken))
                return false;

            throw;
        }
    }

    /// <summary>An account that may write nothing there has written nothing, unless that place is asked for.</summary>
    private async Task<bool> IsEmptyAsync(ILabelSink sink, CancellationToken cancellationToken)
    {
        try
        {
            return (await sink.ReadPublishedAsync(cancellationToken)).Count == 0;
        }
        catch (LabelPublishException exception) when (IsForbidden(exception))
        {
            return sinks.Output == LabelOutput.Auto;
        }
    }

    private static bool IsForbidden(LabelPublishException exception) =>
        exception.InnerException is KubernetesException { StatusCode: HttpStatusCode.Forbidden };
}
