using System.Diagnostics;
using System.Text;
using CsCheck;

namespace NpuFeatureDiscovery.Testing.Fuzzing;

/// <summary>
/// Tries what is said to hold for every input: on the samples of a target, on words of its grammar repeated to its longest input, and on
/// samples with random changes. In the suite the seed is fixed. <c>NPU_FUZZ_SECONDS=300 dotnet test --filter FullyQualifiedName~FuzzTests</c>
/// tries each for that long from a new seed, and keeps the simplest input that fails in its corpus; <c>NPU_FUZZ_SEED</c> repeats a run.
/// </summary>
public static class Fuzz
{
    /// <summary>What any input may allocate: tables and buffers that are made once.</summary>
    public const int FreeBytes = 4 * 1024 * 1024;

    /// <summary>For one input, on a machine that is busy with other things.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private const int SecondsToSimplify = 3;

    /// <exception cref="FuzzException">An input broke the property, did not end, or took too much memory.</exception>
    /// <returns>How many inputs were tried.</returns>
    public static int Check(FuzzTarget target, Action<byte[]> property)
    {
        var run = new Run(target, property, FuzzSettings.Read());
        FuzzException? failure = null;
        // As much stack as a thread of the pool has.
        var thread = new Thread(() => failure = run.Try()) { IsBackground = true, Name = $"fuzz {target.Name}" };
        thread.Start();
        for (var seen = -1; !thread.Join(Deadline); seen = run.Count)
        {
            if (run.Count == seen)
                throw run.Report(run.Current, $"it has not ended within {Deadline.TotalSeconds} s", null);
        }

        if (run.Settings.Time is not null)
            Console.WriteLine($"{target.Name}: {run.Count} inputs, seed {run.Settings.Seed}");

        return failure is null ? run.Count : throw failure;
    }

    public static void Require(bool condition, string what)
    {
        if (!condition)
            throw new FuzzException(what);
    }

    private sealed class Run(FuzzTarget target, Action<byte[]> property, FuzzSettings settings)
    {
        private readonly Corpus _corpus = new(target.Name);
        private volatile byte[] _current = [];
        private volatile int _count;

        public FuzzSettings Settings => settings;

        public int Count => _count;

        public byte[] Current => _current;

        public FuzzException? Try()
        {
            byte[][] samples = [[], .. target.Samples, .. _corpus.Read()];
            var words = Words.Of(target.Words);
            foreach (var input in samples.Concat(words).Concat(words.Select(Repeated)))
            {
                if (FailureOf(input) is { } failure)
                    return Report(input, failure.Message, failure);
            }

            return TryMutations(Mutations.Of(samples, words, target.MaxSize));
        }

        public FuzzException Report(byte[] input, string reason, Exception? failure)
        {
            var place = settings.Time is null ? "" : $" It is kept as {_corpus.Add(input)}.";
            var shown = input.Length <= 4096 ? Convert.ToBase64String(input) : $"{Convert.ToBase64String(input, 0, 4096)}...";
            return new FuzzException(
                $"{target.Name}, seed {settings.Seed}, input {_count} of {input.Length} bytes: {reason}{place} In base64: {shown} As text: "
                + Encoding.UTF8.GetString(input, 0, Math.Min(input.Length, 200)), failure!);
        }

        private byte[] Repeated(byte[] word)
        {
            var input = new byte[target.MaxSize];
            for (var index = 0; index < input.Length; index++)
                input[index] = word[index % word.Length];

            return input;
        }

        private FuzzException? TryMutations(Gen<byte[]> inputs)
        {
            var random = new PCG(1, settings.Seed);
            var started = Stopwatch.GetTimestamp();
            for (var round = 0; settings.Time is { } time ? Stopwatch.GetElapsedTime(started) < time : round < target.Rounds; round++)
            {
                var seed = random.ToString();
                var input = inputs.Generate(random, null, out _);
                if (FailureOf(input) is not null)
                    return Simplify(inputs, seed, input);
            }

            return null;
        }

        private FuzzException Simplify(Gen<byte[]> inputs, string seed, byte[] simplest)
        {
            void Fail(byte[] input)
            {
                if (FailureOf(input) is not { } failure)
                    return;
                if (input.Length < simplest.Length)
                    simplest = input;

                throw failure;
            }

            try
            {
                inputs.Sample(Fail, seed: seed, time: SecondsToSimplify, threads: 1);
            }
            catch (CsCheckException)
            {
                // It is said with the input below.
            }

            var cause = FailureOf(simplest);
            return Report(simplest, cause?.Message ?? "it fails only sometimes", cause);
        }

        private Exception? FailureOf(byte[] input)
        {
            _current = input;
            _count++;
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                property(input);
            }
            catch (Exception exception)
            {
                return exception;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return allocated <= FreeBytes + ((long)input.Length * target.BytesPerByte)
                ? null
                : new FuzzException($"{allocated} bytes were allocated for {input.Length}.");
        }
    }
}
