using System.Buffers;
using NpuFeatureDiscovery.Grpc.Authority;

namespace NpuFeatureDiscovery.Grpc.Tests.Authority;

/// <summary>Whatever a client sends, in whatever pieces. The seeds make a failure come again.</summary>
[CancelAfter(60_000)]
public sealed class AuthorityFuzzTests
{
    [Test]
    public void The_result_does_not_depend_on_the_pieces([Range(0, 49)] int seed)
    {
        var random = new Random(seed);
        var client = new RandomClient(random);
        byte[] octets = [.. Frames.Hello, .. Enumerable.Range(0, 20).SelectMany(i => client.Call((2 * i) + 1))];

        var whole = Rewrite(octets, () => octets.Length);

        Assert.That(Rewrite(octets, () => 1), Is.EqualTo(whole));
        Assert.That(Rewrite(octets, () => random.Next(1, 40)), Is.EqualTo(whole));
        Assert.That(System.Text.Encoding.Latin1.GetString(whole), Does.Not.Contain("a.sock"));
    }

    [Test]
    public void Random_bytes_are_passed_on_and_nothing_is_thrown([Range(0, 49)] int seed)
    {
        var random = new Random(seed);
        var garbage = new byte[20_000];
        random.NextBytes(garbage);

        var rewritten = Rewrite(garbage, () => random.Next(1, 500));

        Assert.That(rewritten, Is.EqualTo(garbage));
    }

    [Test]
    public void Damaged_frames_throw_nothing_and_never_become_more([Range(0, 199)] int seed)
    {
        var random = new Random(seed);
        var client = new RandomClient(random);
        byte[] octets = [.. Frames.Hello, .. Enumerable.Range(0, 10).SelectMany(i => client.Call((2 * i) + 1))];
        for (var damage = random.Next(1, 30); damage > 0; damage--)
            octets[random.Next(24, octets.Length)] = (byte)random.Next(256);

        Assert.That(Rewrite(octets, () => random.Next(1, 500)), Has.Length.LessThanOrEqualTo(octets.Length));
    }

    [Test]
    public void A_block_that_never_ends_is_not_held_for_ever()
    {
        var output = new ArrayBufferWriter<byte>();
        var rewriter = new AuthorityRewriter();
        rewriter.Process(Frames.Hello, output);
        rewriter.Process(Frames.Frame(Frames.Headers, 0, 1, [0x83]), output);
        var continuation = Frames.Frame(Frames.Continuation, 0, 1, new byte[1000]);

        var held = 0;
        for (var i = 0; i < 1000; i++)
        {
            rewriter.Process(continuation, output);
            held = Math.Max(held, Frames.Hello.Length + 10 + ((i + 1) * continuation.Length) - output.WrittenCount);
        }

        Assert.That(held, Is.LessThanOrEqualTo(128 * 1024));
    }

    [Test]
    public async Task A_server_that_gets_garbage_ends_the_connection_and_serves_the_next(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerOnce(EchoServer.EchoAsync).StartAsync(token);
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var calls = new RandomClient(random);
            byte[] octets = [.. Frames.Hello, .. calls.Call(1), .. calls.Call(3)];
            for (var damage = random.Next(1, 10); damage > 0; damage--)
                octets[random.Next(seed % 2 == 0 ? 0 : 24, octets.Length)] = (byte)random.Next(256);

            using var client = new RawClient(server.SocketPath);
            // It may be thrown out before it has said everything.
            await client.TrySendAsync(octets, token);
            client.EndSending();
            await client.ReadGoAwayAsync(token);
        }

        Assert.That((await server.CallOnceAsync(token)).Items, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Valid_calls_succeed_in_whatever_pieces(CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerOnce(EchoServer.EchoAsync).StartAsync(token);
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var calls = new RandomClient(random);
            using var client = new RawClient(server.SocketPath);
            await client.SendAsync(Frames.Hello, token);
            for (var stream = 1; stream < 40; stream += 2)
            {
                var octets = calls.Call(stream);
                for (var start = 0; start < octets.Length;)
                {
                    var end = Math.Min(octets.Length, start + random.Next(1, 60));
                    await client.SendAsync(octets[start..end], token);
                    start = end;
                }

                Assert.That(await client.SucceedsAsync(stream, token), Is.True, $"seed {seed}, stream {stream}");
            }
        }
    }

    private static byte[] Rewrite(byte[] octets, Func<int> nextLength)
    {
        var output = new ArrayBufferWriter<byte>();
        var rewriter = new AuthorityRewriter();
        for (var start = 0; start < octets.Length;)
        {
            var end = Math.Min(octets.Length, start + nextLength());
            rewriter.Process(octets.AsSpan(start..end), output);
            start = end;
        }

        return output.WrittenSpan.ToArray();
    }
}
