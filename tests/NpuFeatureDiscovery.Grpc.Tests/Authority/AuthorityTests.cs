using static NpuFeatureDiscovery.Grpc.Tests.Authority.Hpack;

namespace NpuFeatureDiscovery.Grpc.Tests.Authority;

/// <summary>What clients send as their authority, byte for byte.</summary>
[CancelAfter(20_000)]
public sealed class AuthorityTests
{
    private const int Authority = 1;
    private const string Path = "/var/lib/kubelet/device-plugins/furiosa.sock";

    [TestCase("localhost")]
    [TestCase(Path, TestName = "The_path_of_the_socket_is_taken")]
    [TestCase("%2Fvar%2Flib%2Fkubelet%2Ffuriosa.sock")]
    [TestCase("unix:///furiosa.sock")]
    [TestCase("x:y")]
    [TestCase(":")]
    [TestCase("a b")]
    [TestCase("")]
    public Task Any_authority_is_taken(string authority, CancellationToken token) =>
        ExpectSuccessAsync(token, Frames.Call(1, Request(Field(Incremental, Authority, authority))));

    [Test]
    public Task An_authority_that_is_absent_is_taken(CancellationToken token) =>
        ExpectSuccessAsync(token, Frames.Call(1, Request([])));

    [TestCase(Incremental)]
    [TestCase(WithoutIndexing)]
    [TestCase(NeverIndexed)]
    public Task Every_kind_of_literal_is_taken(int kind, CancellationToken token) => ExpectSuccessAsync(
        token,
        Frames.Call(1, Request(Field(kind, Authority, Path))),
        Frames.Call(3, Request(Field(kind, Authority, Path, huffman: true))),
        Frames.Call(5, Request(Field(kind, ":authority", Path))),
        Frames.Call(7, Request(Field(kind, ":authority", Path, huffman: true))));

    [Test]
    public Task An_index_into_the_table_on_a_later_request_is_taken(CancellationToken token) => ExpectSuccessAsync(
        token,
        Frames.Call(1, Request(Field(Incremental, Authority, Path))),
        Frames.Call(3, Request(Indexed(62))),
        Frames.Call(5, Request(Indexed(62), Field(Incremental, "x-newer", "entry"))),
        Frames.Call(7, Request(Indexed(63), Indexed(62))));

    [Test]
    public Task A_table_that_is_too_small_for_the_authority_stays_in_step(CancellationToken token) => ExpectSuccessAsync(
        token,
        // A table of 64 bytes: the client's forgets all at an entry of 86, and then holds only the newer one.
        Frames.Call(1, [0x3f, 0x21, .. Request(Field(Incremental, Authority, Path), Field(Incremental, "te", "trailers"))]),
        Frames.Call(3, Request(Field(WithoutIndexing, Authority, Path), Indexed(62))));

    [TestCase(Incremental)]
    [TestCase(WithoutIndexing)]
    [TestCase(NeverIndexed)]
    public Task A_name_that_is_given_by_an_entry_of_the_table_is_taken(int kind, CancellationToken token) => ExpectSuccessAsync(
        token,
        Frames.Call(1, Request(Field(Incremental, Authority, "localhost"))),
        Frames.Call(3, Request(Field(kind, 62, Path))),
        Frames.Call(5, Request(Field(kind, 62, Path, huffman: true))),
        Frames.Call(7, Request(Field(kind, kind == Incremental ? 64 : 62, Path), Field(Incremental, "x-newer", "entry"))),
        Frames.Call(9, Request(Field(kind, 63, Path))));

    [Test]
    public Task An_entry_is_found_among_as_many_as_a_table_can_hold(CancellationToken token) => ExpectSuccessAsync(
        token,
        // Entries of 42 and 33 bytes: 4,092 of the table's 4,096 together.
        Frames.Call(1, Request(Field(Incremental, Authority, ""), Fields(61))),
        Frames.Call(3, Request([], Fields(61))),
        Frames.Call(5, Request(Field(WithoutIndexing, 62 + 122, Path))));

    [Test]
    public Task Another_entry_keeps_its_value(CancellationToken token) => ExpectSuccessAsync(
        token,
        Frames.Call(1, Request(Field(Incremental, Authority, Path), Field(Incremental, "x-newer", "entry"))),
        // A length that is emptied is an error.
        Frames.Call(3, Request(Field(Incremental, 63, Path), Field(Incremental, "content-length", "10"))),
        Frames.Call(5, Request(Indexed(63), Field(WithoutIndexing, 62, "10"))));

    [Test]
    public Task An_entry_that_was_dropped_is_no_name(CancellationToken token) => // COMPRESSION_ERROR
        ExpectGoAwayAsync(
            9,
            [
                .. Frames.Call(1, Request(Field(Incremental, Authority, Path))),
                // The table shrinks to nothing, and may grow again.
                .. Frames.Call(3, [0x20, 0x3f, 0xe1, 0x1f, .. Request(Field(WithoutIndexing, 62, Path))]),
            ],
            token);

    [Test]
    public Task A_table_that_was_emptied_is_counted_anew(CancellationToken token) => ExpectSuccessAsync(
        token,
        Frames.Call(1, Request(Field(Incremental, Authority, Path), Field(Incremental, "x-older", "entry"))),
        Frames.Call(3, [0x20, 0x3f, 0xe1, 0x1f, .. Request(Field(Incremental, Authority, Path))]),
        Frames.Call(5, Request(Field(WithoutIndexing, 62, Path))),
        // What is larger than the table empties it, and is not kept.
        Frames.Call(7, Request([], [.. Field(Incremental, "x-large", new('x', 5000)), .. Field(Incremental, "x-newer", "entry")])),
        Frames.Call(9, Request(Field(Incremental, ":authority", Path))),
        Frames.Call(11, Request(Field(Incremental, 62, Path))));

    [Test]
    public async Task A_block_may_be_cut_anywhere(CancellationToken token)
    {
        var block = Request(Field(Incremental, ":authority", Path));
        var cuts = Enumerable.Range(1, block.Length - 1).ToArray();

        await ExpectSuccessAsync(token, [.. cuts.Select((cut, i) => Frames.CutCall((2 * i) + 1, block, cut))]);
        await ExpectSuccessAsync(token, Frames.CutCall(1, block, cuts));
    }

    [Test]
    public Task A_block_may_be_larger_than_a_frame(CancellationToken token)
    {
        var block = Request(
            Field(WithoutIndexing, Authority, Path),
            [.. Field(WithoutIndexing, "x-a", new('a', 10_000)), .. Field(WithoutIndexing, "x-b", new('b', 10_000))]);
        return ExpectSuccessAsync(token, Frames.CutCall(1, block, 16_384));
    }

    [Test]
    public Task Padding_and_priority_are_taken(CancellationToken token)
    {
        var block = Request(Field(Incremental, Authority, Path));
        byte[] priority = [0, 0, 0, 0, 15];
        return ExpectSuccessAsync(
            token,
            Padded(1, Frames.Priority | Frames.Padded, [4, .. priority, .. block, 0, 0, 0, 0]),
            Padded(3, Frames.Priority, [.. priority, .. block]),
            Padded(5, Frames.Padded, [0, .. block]),
            Padded(7, Frames.Padded, [9, .. block, .. new byte[9]]));
    }

    [Test]
    public async Task Bytes_may_come_one_by_one(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new RawClient(server.SocketPath);

        await client.SendByteByByteAsync([.. Frames.Hello, .. Frames.Call(1, Request(Field(Incremental, Authority, Path)))], token);

        Assert.That(await client.SucceedsAsync(1, token), Is.True);
    }

    [TestCase("unix")]
    [TestCase("https")]
    public Task Any_scheme_is_taken(string scheme, CancellationToken token)
    {
        var request = Request(Field(Incremental, Authority, Path));
        return ExpectSuccessAsync(token, Frames.Call(1, [0x83, .. Field(WithoutIndexing, 6, scheme), .. request[2..]]));
    }

    [Test]
    public Task A_malformed_block_is_answered_as_ever(CancellationToken token) => // COMPRESSION_ERROR
        ExpectGoAwayAsync(9, Frames.Call(1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), token);

    [Test]
    public Task A_frame_that_is_too_large_is_answered_as_ever(CancellationToken token) => // FRAME_SIZE_ERROR
        ExpectGoAwayAsync(6, Frames.Call(1, new byte[16_385]), token);

    [Test]
    public Task Padding_that_is_too_long_is_answered_as_ever(CancellationToken token) => // PROTOCOL_ERROR
        ExpectGoAwayAsync(1, Padded(1, Frames.Padded, [200, 0x83]), token);

    [Test]
    public Task A_frame_within_a_block_is_answered_as_ever(CancellationToken token) => // PROTOCOL_ERROR
        ExpectGoAwayAsync(1, [.. Frames.Frame(Frames.Headers, 0, 1, [0x83]), .. Frames.Frame(Frames.Settings, 0, 0, [])], token);

    /// <summary>So many fields that enter the table, of the smallest size.</summary>
    private static byte[] Fields(int count) =>
        [.. Enumerable.Repeat(Field(Incremental, "x", ""), count).SelectMany(field => field)];

    private static byte[] Padded(int stream, byte flags, byte[] payload) =>
    [
        .. Frames.Frame(Frames.Headers, (byte)(flags | Frames.EndHeaders), stream, payload),
        .. Frames.Call(stream, [])[9..],
    ];

    private static Task<EchoServer> StartAsync(CancellationToken token) =>
        new EchoServer().AnswerOnce(EchoServer.EchoAsync).StartAsync(token);

    private static async Task ExpectSuccessAsync(CancellationToken token, params byte[][] calls)
    {
        await using var server = await StartAsync(token);
        using var client = new RawClient(server.SocketPath);
        await client.SendAsync(Frames.Hello, token);
        for (var i = 0; i < calls.Length; i++)
        {
            await client.SendAsync(calls[i], token);
            Assert.That(await client.SucceedsAsync((2 * i) + 1, token), Is.True, $"call {i}");
        }
    }

    private static async Task ExpectGoAwayAsync(int errorCode, byte[] octets, CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new RawClient(server.SocketPath);
        await client.SendAsync([.. Frames.Hello, .. octets], token);

        Assert.That(await client.ReadGoAwayAsync(token), Is.EqualTo(errorCode));
    }
}
