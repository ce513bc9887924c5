using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Benchmarks;

/// <summary>Hosts of Warboys, each of which is made once for all benchmarks, as a large one takes seconds.</summary>
internal static class Hosts
{
    private static readonly Dictionary<int, HostTree> Made = [];

    public static HostTree Of(int devices)
    {
        if (!Made.TryGetValue(devices, out var host))
        {
            Made.Add(devices, host = new HostTree());
            for (var index = 0; index < devices; index++)
                host.AddWarboy(index);
        }

        return host;
    }

    public static void Delete()
    {
        foreach (var host in Made.Values)
            host.Dispose();

        Made.Clear();
    }
}
