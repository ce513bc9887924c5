using static NpuFeatureDiscovery.Grpc.Tests.Authority.Hpack;

namespace NpuFeatureDiscovery.Grpc.Tests.Authority;

/// <summary>Writes the calls of one connection, valid ones, in all the ways that there are to write them.</summary>
internal sealed class RandomClient(Random random)
{
    private const int Authority = 1;
    private static readonly int[] Kinds = [Incremental, WithoutIndexing, NeverIndexed];
    private static readonly string[] Authorities = ["localhost", "/var/lib/kubelet/a.sock", "%2Fvar%2Fa.sock", "", new('x', 300)];

    /// <summary>The dynamic table, the newest entry first.</summary>
    private readonly List<(string Name, int Size)> _entries = [];
    private int _tableSize = 4096;

    public byte[] Call(int stream)
    {
        byte[] block = [.. NewTableSize(), .. Request(AnyAuthority(), AnyExtra())];
        var cuts = Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(1, block.Length)).Distinct().Order();
        return Frames.CutCall(stream, block, [.. cuts]);
    }

    private byte[] NewTableSize()
    {
        if (random.Next(6) > 0)
            return [];

        _tableSize = random.Next(4097);
        Evict();
        return Integer(0x20, 5, _tableSize);
    }

    private byte[] AnyAuthority()
    {
        var kind = Kinds[random.Next(Kinds.Length)];
        var value = Authorities[random.Next(Authorities.Length)];
        var huffman = random.Next(2) == 0;
        var known = Enumerable.Range(0, _entries.Count).Where(i => _entries[i].Name == ":authority").ToArray();
        var index = known.Length > 0 ? 62 + known[random.Next(known.Length)] : Authority;
        var form = random.Next(4);
        if (form == 0 && index > Authority)
            return Indexed(index);

        if (kind == Incremental)
            Add(":authority", value);

        return form switch
        {
            1 => Field(kind, ":authority", value, huffman),
            2 => Field(kind, Authority, value, huffman),
            _ => Field(kind, index, value, huffman),
        };
    }

    private byte[] AnyExtra()
    {
        var fields = new List<byte>();
        for (var count = random.Next(4); count > 0; count--)
        {
            var value = new string('v', random.Next(100) == 0 ? 5000 : random.Next(40));
            fields.AddRange(Field(Incremental, "x-extra", value));
            Add("x-extra", value);
        }

        return [.. fields];
    }

    /// <summary>RFC 7541, section 4: what is larger than the table empties it.</summary>
    private void Add(string name, string value)
    {
        _entries.Insert(0, (name, name.Length + value.Length + 32));
        Evict();
    }

    private void Evict()
    {
        while (_entries.Sum(entry => entry.Size) > _tableSize)
            _entries.RemoveAt(_entries.Count - 1);
    }
}
