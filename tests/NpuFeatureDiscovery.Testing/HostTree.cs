using System.Runtime.InteropServices;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Testing;

/// <summary>
/// A folder that looks like the root of a host with NPUs, made file by file: the sysfs attributes and device nodes that the
/// drivers make, as real files and links. Regular files stand for the device nodes.
/// </summary>
public sealed partial class HostTree : TemporaryFolder
{
    public HostTree()
    {
        Directory.CreateDirectory(At("/dev"));
        Directory.CreateDirectory(At("/sys/class"));
        SetMachine("Supermicro", "SYS-421GE-TNRT");
    }

    public HostRoot Root => new(Path);

    public HostTree SetMachine(string? vendor, string? name)
    {
        WriteOrDelete("/sys/class/dmi/id/sys_vendor", vendor);
        WriteOrDelete("/sys/class/dmi/id/product_name", name);
        return this;
    }

    /// <summary>A Warboy card of driver 1.9.2 with two cores, both in use, and four channels.</summary>
    public CardTree AddWarboy(int index, string? busName = null)
    {
        AddPciDevice(busName ??= $"0000:{index:x2}:00.0", numaNode: index % 2);
        AddHwmon(busName, SensorFiles.WarboyHwmon(index));
        var card = AddCard("npu_mgmt", $"npu{index}_mgmt", $"/dev/npu{index}", ["", "_mgmt", "pe0", "pe1", "pe0-1", "ch0", "ch1", "ch2", "ch3"], new()
        {
            ["platform_type"] = "FuriosaAI\n",
            ["device_type"] = "Warboy\n",
            ["soc_rev"] = "B0\n",
            ["busname"] = busName + "\n",
            ["dev"] = $"234:{index}\n",
            ["device_sn"] = $"WBYB0236FH505K{index:000}\n",
            ["device_uuid"] = $"1B2E6C4D-0000-4A7F-9C31-0000000000{index:X2}\n",
            ["version"] = "1.9.2, 3def9c2\n",
            ["fw_version"] = "1.6.0, c1bebfd",
            ["alive"] = "1\n",
            ["cur_pe_ids"] = "0,1,0-1\n",
            ["heartbeat"] = "14649\n",
            ["atr_error"] = SensorFiles.Errors,
            ["ne_clk_freq_info"] = SensorFiles.WarboyClocks,
            ["performance_mode"] = "4 (FULL 1)\n",
        });
        foreach (var cores in (string[])["0", "1", "0-1"])
            card.AddCounters(cores, SensorFiles.Counters);

        return card;
    }

    /// <summary>An RNGD card with eight cores.</summary>
    public CardTree AddRngd(int index, string? busName = null)
    {
        AddPciDevice(busName ??= $"0001:{index:x2}:00.0", numaNode: index % 2);
        AddHwmon(busName, SensorFiles.RngdHwmon(index));
        string[] cores = ["0", "1", "2", "3", "4", "5", "6", "7", "0-1", "2-3", "4-5", "6-7", "0-3", "4-7"];
        string[] nodes = ["mgmt", .. cores.Select(core => "pe" + core), "ch0", "ch0r", "dmar", "bar0"];
        return AddCard("rngd_mgmt", $"rngd!npu{index}mgmt", $"/dev/rngd/npu{index}", nodes, new()
        {
            ["platform_type"] = "FuriosaAI\n",
            ["device_type"] = "RNGD\n",
            ["busname"] = busName,
            ["dev"] = $"235:{index}\n",
            ["device_sn"] = "\n",
            ["device_uuid"] = $"7C5D11A0-0000-4E02-8B1F-0000000000{index:X2}\n",
            ["version"] = "1.0.0, 0abcdef\n",
            ["fw_version"] = "1.0.1, 1bcdef0\n",
            ["device_state"] = "1\n",
            ["cur_pe_ids"] = string.Join(',', cores) + "\n",
            ["heartbeat"] = "388204\n",
            ["atr_error"] = SensorFiles.Errors,
            ["npu_clocks"] = SensorFiles.RngdClocks,
        });
    }

    /// <summary>The U250 FPGA card that carries Warboy's design.</summary>
    public CardTree AddU250(int index)
    {
        var busName = $"0000:{index:x2}:00.0";
        AddPciDevice(busName, numaNode: -1);
        return AddCard("npu_mgmt", $"npu{index}_mgmt", $"/dev/npu{index}", ["", "_mgmt", "pe0", "pe1", "pe0-1"], new()
        {
            ["platform_type"] = "VITIS\n",
            ["device_type"] = "U250\n",
            ["busname"] = busName + "\n",
            ["dev"] = $"234:{index}\n",
            ["version"] = "1.0.0, 8c1f0d2\n",
        });
    }

    /// <summary>
    /// A server of two sockets, each a NUMA node with a host bridge of its own, two PCIe switches at each, and two Warboy cards at
    /// each switch: npu0 and npu1 at the first.
    /// </summary>
    public IReadOnlyList<CardTree> AddTwoSocketServer()
    {
        var cards = new List<CardTree>();
        for (var index = 0; index < 8; index++)
        {
            var (socket, pciSwitch, slot) = (index / 4, index / 2 % 2, index % 2);
            var bus = 0x10 + (0x40 * socket) + (0x10 * pciSwitch);
            var card = AddWarboy(index, $"0000:{bus + 4 + slot:x2}:00.0");
            var hostBus = $"{0x0f + (0x40 * socket):x2}";
            card.PlaceBehind(
                $"pci0000:{hostBus}/0000:{hostBus}:0{1 + pciSwitch}.0/0000:{bus:x2}:00.0/0000:{bus + 1:x2}:0{slot}.0", socket);
            cards.Add(card);
        }

        return cards;
    }

    /// <summary>Writes a file of the host, and the folders above it; at once, as an attribute of sysfs changes.</summary>
    public void Write(string path, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(path))!);
        var written = At($"/{Guid.NewGuid()}");
        File.WriteAllText(written, text);
        File.Move(written, At(path), overwrite: true);
    }

    public void Delete(string path)
    {
        if (Directory.Exists(At(path)))
            Directory.Delete(At(path), recursive: true);
        else
            File.Delete(At(path));
    }

    /// <summary>A file whose every read fails with EIO, also for root.</summary>
    public void MakeUnreadable(string path)
    {
        File.Delete(At(path));
        File.CreateSymbolicLink(At(path), "/proc/self/mem");
    }

    /// <summary>A file that nobody may read, root neither.</summary>
    public void MakeDenied(string path)
    {
        File.Delete(At(path));
        File.CreateSymbolicLink(At(path), "/proc/sys/net/ipv4/route/flush");
    }

    /// <summary>A file whose every read hangs until <see cref="EndHang"/>: a FIFO that nobody writes.</summary>
    public void MakeHang(string path)
    {
        File.Delete(At(path));
        if (MakeFifo(At(path), Convert.ToUInt32("644", 8)) != 0)
            throw new IOException($"No FIFO could be made at {At(path)}.");
    }

    /// <summary>Lets the reads that hang come back, and puts a text in the file's place.</summary>
    public void EndHang(string path, string text)
    {
        var fifo = At(path) + ".fifo";
        File.Move(At(path), fifo);
        File.WriteAllText(At(path), text);
        // Read and write: opening a FIFO for writing alone would itself wait for a reader.
        using (File.OpenHandle(fifo, access: FileAccess.ReadWrite))
            File.Delete(fifo);
    }

    private void AddPciDevice(string busName, int numaNode) =>
        Write($"/sys/bus/pci/devices/{busName}/numa_node", $"{numaNode}\n");

    private void AddHwmon(string busName, IEnumerable<(string Name, string Text)> files)
    {
        foreach (var (name, text) in files)
            Write($"/sys/bus/pci/devices/{busName}/hwmon/hwmon0/{name}", text);
    }

    private CardTree AddCard(
        string className, string entry, string nodePrefix, string[] nodes, Dictionary<string, string> attributes)
    {
        var folder = $"/sys/devices/virtual/{className}/{entry}";
        foreach (var (name, text) in attributes)
            Write($"{folder}/{name}", text);

        Directory.CreateDirectory(At($"/sys/class/{className}"));
        var card = new CardTree(this, folder, $"/sys/class/{className}/{entry}")
        {
            PciFolder = $"/sys/bus/pci/devices/{attributes["busname"].Trim()}",
            Nodes = [.. nodes.Select(suffix => nodePrefix + suffix)],
        };
        card.Load();
        return card;
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    private void WriteOrDelete(string path, string? text)
    {
        if (text is null)
            Delete(path);
        else
            Write(path, text + "\n");
    }
}
