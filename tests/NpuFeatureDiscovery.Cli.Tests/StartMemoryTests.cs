using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class StartMemoryTests
{
    [Test]
    public void Only_what_a_file_holds_and_nobody_can_change_or_has_changed_is_given_back()
    {
        string[] smaps =
        [
            .. Mapping("00400000-00405000 r-xp 00004000 fe:00 248149                     /usr/bin/npu-feature-discovery", anonymous: 0),
            .. Mapping("00405000-00409000 r--p 00009000 fe:00 248149                     /usr/bin/npu-feature-discovery (deleted)", anonymous: 4),
            .. Mapping("00409000-0040a000 rw-p 0000d000 fe:00 248149                     /usr/bin/npu-feature-discovery", anonymous: 0),
            .. Mapping("7ffff0000000-7ffff0200000 r--s 00000000 fe:00 248150             /usr/lib/with a space.so", anonymous: 0),
            .. Mapping("7ffff0200000-7ffff0300000 r--p 00000000 00:00 0 ", anonymous: 0),
            .. Mapping($"7ffff0300000-7ffff0400000 r--p 00000000 fe:00 248151             /usr/lib/{new string('x', 4096)}", anonymous: 0),
            .. Mapping("7fffffff0000-7ffffffff000 r-xp 00000000 00:00 0                  [vdso]", anonymous: 0),
            .. Mapping("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0          [vsyscall]", anonymous: 0),
        ];

        using var text = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', smaps) + "\n"));
        Assert.That(StartMemory.CleanFilePages(text), Is.EqualTo(((nint, nuint)[])
            [(0x400000, 0x5000), (unchecked((nint)0x7ffff0000000), 0x200000), (unchecked((nint)0x7ffff0300000), 0x100000)]));
    }

    [Test]
    public async Task A_program_that_runs_on_gives_back_pages_once_its_start_is_over_and_once_it_has_served()
    {
        using var file = MemoryMappedFile.CreateFromFile(
            typeof(StartMemory).Assembly.Location, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        using var pages = file.CreateViewStream(0, 0, MemoryMappedFileAccess.Read);
        var time = new ManualTimeProvider();
        using var memory = new StartMemory(time);
        await memory.StartAsync(CancellationToken.None);

        foreach (var wait in (TimeSpan[])[TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(15)])
        {
            pages.Position = 0;
            pages.CopyTo(Stream.Null);
            var before = ResidentFilePages();
            time.Advance(wait);
            Assert.That(before - ResidentFilePages(), Is.GreaterThan(pages.Length / 1024 / 2), $"KiB given back after {wait}");
        }
    }

    private static long ResidentFilePages() => File.ReadLines("/proc/self/status").Where(line => line.StartsWith("RssFile:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)).Single();

    private static string[] Mapping(string head, int anonymous) =>
        [head, "Size:                 20 kB", "Rss:                1234 kB", $"Anonymous:      {anonymous,8} kB", "VmFlags: rd ex mr mw me sd "];
}
