using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>
/// The program that <see cref="KilledWriterTests"/> kills: started as <c>dotnet NpuFeatureDiscovery.Labels.Tests.dll FOLDER</c>
/// it publishes two sets of labels in turn, a character on standard output for each.
/// </summary>
internal static class WriteForever
{
    public static IReadOnlyList<LabelSet> Sets { get; } = [Create(3), Create(1000)];

    public static async Task Main(string[] args)
    {
        var sink = new FeatureFileSink(new FeatureFileOptions { FeaturesDirectory = args[0] });
        for (var turn = 0; ; turn++)
        {
            await sink.PublishAsync(Sets[turn % 2], CancellationToken.None);
            await Console.Out.WriteAsync('.');
            await Console.Out.FlushAsync();
        }
    }

    private static LabelSet Create(int count)
    {
        var labels = new LabelSetBuilder();
        for (var number = 0; number < count; number++)
            labels.Add(Label.Create($"example.com/label-{number}", $"of-{count}"));

        return labels.Build();
    }
}
