using System.Diagnostics;

namespace NpuFeatureDiscovery.Grpc.Tests.Interop;

/// <summary>Runs peer.py with the messages that Debian's protoc makes of echo.proto.</summary>
internal sealed class PythonPeer : Peer
{
    private const string Python = "/usr/bin/python3";
    private const string Plugin = "/usr/bin/grpc_python_plugin";

    public override async Task RequireAsync(CancellationToken token)
    {
        if (!File.Exists(Python) || !File.Exists(Plugin)
            || await RunAsync(new(Python, ["-c", "import grpc, google.protobuf"]), token) != 0)
            Assert.Ignore("Needs 'apt-get install python3-grpcio python3-protobuf protobuf-compiler-grpc'.");
    }

    protected override async Task PrepareAsync(CancellationToken token)
    {
        string[] arguments =
        [
            $"--proto_path={Tests}", $"--python_out={Folder.Path}", $"--grpc_python_out={Folder.Path}",
            $"--plugin=protoc-gen-grpc_python={Plugin}", "echo.proto",
        ];
        Assert.That(await RunAsync(new("/usr/bin/protoc", arguments), token), Is.Zero, "protoc failed");
    }

    protected override ProcessStartInfo NewStart(string role, string target) =>
        new(Python, [Path.Combine(Tests, "Interop/peer.py"), role, target])
        {
            Environment = { ["PYTHONPATH"] = Folder.Path, ["PYTHONIOENCODING"] = "utf-8", ["PYTHONDONTWRITEBYTECODE"] = "1" },
        };
}
