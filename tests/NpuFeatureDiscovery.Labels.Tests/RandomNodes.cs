using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Tests;

/// <summary>Nodes and options at random, with whatever drivers, machines and administrators may write.</summary>
internal static class RandomNodes
{
    private const string Alphabet = "abzAZ09-_. ,()/=+\t\n\0é삼\ud83d\ude00";

    public static NodeSnapshot Node(Random random) =>
        Nodes.Of([.. Enumerable.Range(0, random.Next(4)).Select(index => Device(random, index))]) with
        {
            Machine = new Machine(Optional(random), Optional(random)),
        };

    public static LabelOptions Options(Random random, params string[] profiles) => new()
    {
        Profiles = profiles,
        HardwareType = Optional(random),
        ReadmeAliases = random.Next(2) == 0,
    };

    private static NpuDevice Device(Random random, int index) =>
        (random.Next(2) == 0 ? Nodes.Warboy(index) : Nodes.Rngd(index)) with
        {
            Platform = random.Next(4) == 0 ? NpuPlatform.Vitis : NpuPlatform.FuriosaAI,
            Product = random.Next(2) == 0 ? Text(random) : Pick(random, "warboy", "warboyB0", "u250", "rngd", "rngd-s"),
            DriverVersion = Version(random),
            FirmwareVersion = Version(random),
        };

    private static NpuVersion? Version(Random random) => random.Next(4) == 0
        ? null
        : new NpuVersion(random.Next(2), random.Next(), 0, Optional(random), Optional(random));

    private static string? Optional(Random random) => random.Next(2) == 0 ? null : Text(random);

    private static string Pick(Random random, params string[] texts) => texts[random.Next(texts.Length)];

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(100)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
}
