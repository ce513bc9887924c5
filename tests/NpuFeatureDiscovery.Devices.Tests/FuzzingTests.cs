using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Devices.Tests;

/// <summary>That <see cref="Fuzz"/> finds what it is for.</summary>
public sealed class FuzzingTests
{
    private static readonly FuzzTarget Target = new("no-corpus") { Samples = ["abc=1"u8.ToArray()] };

    [Test]
    public void An_exception_is_told_with_the_seed_and_a_simple_input()
    {
        void Fail(byte[] input)
        {
            if (input.AsSpan().StartsWith("abc="u8) && input.Length > 5)
                throw new InvalidOperationException("too long");
        }

        Assert.That(() => Fuzz.Check(Target, Fail), Throws.TypeOf<FuzzException>()
            .With.Message.Contains("no-corpus, seed ").And.Message.Contains("too long")
            .And.InnerException.TypeOf<InvalidOperationException>());
    }

    [Test]
    public void Memory_that_grows_faster_than_the_input_is_found() =>
        Assert.That(
            () => Fuzz.Check(Target, input => GC.KeepAlive(new byte[Math.Min((long)input.Length * input.Length, 64 << 20)])),
            Throws.TypeOf<FuzzException>().With.Message.Contains("bytes were allocated for"));

    [Test]
    public void As_many_inputs_are_tried_as_are_asked_for() =>
        Assert.That(Fuzz.Check(Target with { Rounds = 500 }, _ => { }), Is.GreaterThan(500));
}
