using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace NpuFeatureDiscovery.Grpc.Tests.Interop;

/// <summary>Runs peer.js with the packages of package-lock.json, which are installed below artifacts/.</summary>
internal sealed class NodePeer : Peer
{
    private const string Install =
        "mkdir -p artifacts/npm && cp tests/NpuFeatureDiscovery.Grpc.Tests/Interop/package*.json artifacts/npm"
        + " && npm ci --ignore-scripts --prefix artifacts/npm";

    public override async Task RequireAsync(CancellationToken token)
    {
        if (await RunAsync(Node("--eval", "require('@grpc/grpc-js'), require('@grpc/proto-loader')"), token) != 0)
            Assert.Ignore($"Needs Node.js and, in the root folder, '{Install}'.");
    }

    protected override ProcessStartInfo NewStart(string role, string target) =>
        Node(Path.Combine(Tests, "Interop/peer.js"), role, target);

    /// <summary>By env(1), which answers with an exit code where there is no node.</summary>
    private static ProcessStartInfo Node(params string[] arguments) =>
        new("/usr/bin/env", ["node", .. arguments]) { Environment = { ["NODE_PATH"] = Packages() } };

    private static string Packages([CallerFilePath] string path = "") =>
        Path.GetFullPath("../../../artifacts/npm/node_modules", Path.GetDirectoryName(path)!);
}
