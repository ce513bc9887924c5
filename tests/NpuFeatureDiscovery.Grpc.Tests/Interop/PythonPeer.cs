using System.Diagnostics;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Grpc.Tests.Interop;

/// <summary>Runs peer.py with the messages that Debian's protoc makes of echo.proto.</summary>
internal sealed class PythonPeer : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string Plugin = "/usr/bin/grpc_python_plugin";
    private readonly TemporaryFolder _folder = new();
    private Process? _process;

    public string SocketPath => _folder.At("peer.sock");

    /// <summary>Skips the test where the machine lacks what it takes, and says so.</summary>
    public static async Task RequireAsync(CancellationToken token)
    {
        if (!File.Exists(Python) || !File.Exists(Plugin)
            || await RunAsync(Python, ["-c", "import grpc, google.protobuf"], token) != 0)
            Assert.Ignore("Needs 'apt-get install python3-grpcio python3-protobuf protobuf-compiler-grpc'.");
    }

    public async Task<StreamReader> StartAsync(string role, string target, CancellationToken token)
    {
        var tests = TestContext.CurrentContext.TestDirectory;
        var generated = await RunAsync(
            "/usr/bin/protoc",
            [
                $"--proto_path={tests}", $"--python_out={_folder.Path}", $"--grpc_python_out={_folder.Path}",
                $"--plugin=protoc-gen-grpc_python={Plugin}", "echo.proto",
            ],
            token);
        Assert.That(generated, Is.Zero, "protoc failed");
        var start = new ProcessStartInfo(Python, [Path.Combine(tests, "Interop/peer.py"), role, target])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["PYTHONPATH"] = _folder.Path, ["PYTHONIOENCODING"] = "utf-8", ["PYTHONDONTWRITEBYTECODE"] = "1" },
        };
        _process = Process.Start(start)!;
        return _process.StandardOutput;
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private static async Task<int> RunAsync(string program, string[] arguments, CancellationToken token)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(token);
        return process.ExitCode;
    }
}
