using System.Diagnostics;
using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Manifests;

/// <summary>
/// The program with the command line of a container: by its name, and by its arguments but for the places in which a container
/// differs from this machine, the folders that are mounted and the port.
/// </summary>
internal sealed class ContainerProcess : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    /// <param name="container">What the manifest says of it.</param>
    /// <param name="host">The host that it reads.</param>
    /// <param name="environment">More variables, such as KUBECONFIG.</param>
    /// <param name="config">The content of the ConfigMap that is mounted; null where there is none.</param>
    public ContainerProcess(YamlNode container, HostTree host, IReadOnlyDictionary<string, string> environment, string? config = null)
    {
        var name = Path.GetFileName((string?)container["command"][0])!;
        File.CreateSymbolicLink(_folder.At(name), TheProgram.Path);
        foreach (var folder in (string[])["features.d", "device-plugins"])
            Directory.CreateDirectory(_folder.At(folder));
        File.WriteAllText(_folder.At("config.yaml"), $"{config}pluginDir: {_folder.At("device-plugins")}\n");

        var arguments = container["args"].Items().Select(argument => ((string?)argument)!
            .Replace("=/host", $"={host.Path}")
            .Replace("/etc/furiosa", _folder.Path)
            .Replace("--address=:", "--address=127.0.0.1:0 #")).Select(argument => argument.Split(" #")[0]).ToList();
        if (name == "npu-metrics-exporter")
            arguments.Add("--address=127.0.0.1:0");
        if (arguments.Contains("--output=file") || arguments.Contains("--output=auto"))
            arguments.Add($"--features-dir={_folder.At("features.d")}");

        var variables = environment.Select(variable => $"{variable.Key}={variable.Value}");
        _process = TheProgram.StartShell(
            $"exec env {string.Join(' ', variables)} NODE_NAME=node-1 {_folder.At(name)} {string.Join(' ', arguments)}");
    }

    /// <summary>Waits for a line of the log that holds a text.</summary>
    public async Task WaitForAsync(string text, CancellationToken token)
    {
        var log = new List<string>();
        while (await _process.StandardError.ReadLineAsync(token) is { } line)
        {
            log.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
                return;
        }

        throw new AssertionException($"It ended before it logged '{text}': {string.Join('\n', log)}");
    }

    /// <summary>Waits for the end of what ends by itself.</summary>
    public async Task<ProgramResult> EndAsync(CancellationToken token)
    {
        var output = _process.StandardOutput.ReadToEndAsync(token);
        var error = await _process.StandardError.ReadToEndAsync(token);
        await _process.WaitForExitAsync(token);
        return new ProgramResult(_process.ExitCode, await output, error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }
}
