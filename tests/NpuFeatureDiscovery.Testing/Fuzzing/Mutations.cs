using CsCheck;

namespace NpuFeatureDiscovery.Testing.Fuzzing;

/// <summary>Inputs that are samples with some changes: the fewer changes, the simpler the input.</summary>
internal static class Mutations
{
    private const int MostChanges = 8;

    public static Gen<byte[]> Of(IReadOnlyList<byte[]> samples, IReadOnlyList<byte[]> words, int maxSize)
    {
        var mutation = Gen.Select(
            Gen.Enum<MutationKind>(), Gen.UInt, Gen.UInt, Gen.UInt, (kind, place, length, choice) => new Mutation(kind, place, length, choice));
        return Gen.Select(Gen.Int[0, samples.Count - 1], mutation.Array[0, MostChanges], (sample, changes) =>
        {
            var input = samples[sample];
            foreach (var change in changes)
                input = change.Apply(input, words, samples, maxSize);

            return input;
        });
    }
}
