namespace NpuFeatureDiscovery.Testing;

/// <summary>The sysfs attributes of one card in a <see cref="HostTree"/>.</summary>
/// <param name="host">The tree that the card stands in.</param>
/// <param name="folder">The card's folder as the host names it.</param>
/// <param name="link">The link to it in the driver's class.</param>
public sealed class CardTree(HostTree host, string folder, string link)
{
    /// <summary>The card's folder on the PCI bus.</summary>
    public required string PciFolder { get; init; }

    /// <summary>The card's nodes in <c>/dev</c>.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>The card's hwmon folder as the host names it.</summary>
    public string HwmonFolder => $"{PciFolder}/hwmon/hwmon0";

    /// <summary>Where an attribute is.</summary>
    public string PathOf(string attribute) => host.At($"{link}/{attribute}");

    public CardTree Set(string attribute, string text)
    {
        host.Write($"{folder}/{attribute}", text);
        return this;
    }

    public CardTree Without(params ReadOnlySpan<string> attributes)
    {
        foreach (var attribute in attributes)
            host.Delete($"{folder}/{attribute}");

        return this;
    }

    public CardTree WithUnreadable(string attribute)
    {
        host.MakeUnreadable($"{folder}/{attribute}");
        return this;
    }

    /// <summary>Makes every read of an attribute hang.</summary>
    public CardTree Hang(string attribute)
    {
        host.MakeHang($"{folder}/{attribute}");
        return this;
    }

    /// <summary>Shows the performance counters of a combination of cores, such as <c>0-1</c>.</summary>
    public CardTree AddCounters(string cores, string text)
    {
        host.Write(CountersOf(cores), text);
        return this;
    }

    /// <summary>The file of the performance counters of a combination of cores, as the host names it.</summary>
    public string CountersOf(string cores) => $"{link[..link.LastIndexOf('_')]}pe{cores}/perf_regs";

    /// <inheritdoc cref="HostTree.EndHang"/>
    public void EndHang(string attribute, string text) => host.EndHang($"{folder}/{attribute}", text);

    /// <summary>Moves the card to where a server has it: behind bridges, and with the bus linking there.</summary>
    /// <param name="bridges">Outermost first: <c>pci0000:16/0000:16:02.0</c>.</param>
    /// <param name="numaNode">What the kernel says of that place.</param>
    public CardTree PlaceBehind(string bridges, int numaNode)
    {
        var place = $"/devices/{bridges}/{Path.GetFileName(PciFolder)}";
        Directory.CreateDirectory(Path.GetDirectoryName(host.At($"/sys{place}"))!);
        Directory.Move(host.At(PciFolder), host.At($"/sys{place}"));
        File.CreateSymbolicLink(host.At(PciFolder), $"../../..{place}");
        host.Write($"{PciFolder}/numa_node", $"{numaNode}\n");
        return this;
    }

    /// <summary>Shows the card in its driver's class, and its nodes, as a driver does that is loaded.</summary>
    public void Load()
    {
        LoadWithoutNodes();
        LoadNodes();
    }

    /// <summary>Makes the card's nodes in /dev.</summary>
    public void LoadNodes()
    {
        foreach (var node in Nodes)
            host.Write(node, "");
    }

    /// <summary>Shows the card in its driver's class alone, of which nobody is told.</summary>
    public void LoadWithoutNodes() => File.CreateSymbolicLink(host.At(link), "../.." + folder["/sys".Length..]);

    /// <summary>Takes the card out of its driver's class, and its nodes out of /dev; it stays on the PCI bus.</summary>
    public void Unload()
    {
        File.Delete(host.At(link));
        foreach (var node in Nodes)
            host.Delete(node);
    }

    /// <summary>Pulls the card: it is gone from its driver and from the PCI bus.</summary>
    public void Remove()
    {
        host.Delete(PciFolder);
        Unload();
        host.Delete(folder);
    }
}
