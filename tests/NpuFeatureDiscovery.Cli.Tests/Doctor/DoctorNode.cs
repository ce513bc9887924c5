using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.Cli.Doctor;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Metrics.Pods;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor;

/// <summary>A node with two Warboy cards on which everything is as it should be, until a test breaks something.</summary>
public sealed class DoctorNode : IAsyncDisposable
{
    public const string Features = "/etc/kubernetes/node-feature-discovery/features.d";
    public const string FeatureFile = Features + "/npu-feature-discovery";
    public const string Plugins = "/var/lib/kubelet/device-plugins";
    public const string Checkpoint = Plugins + "/kubelet_internal_checkpoint";
    public const string KubeletSocket = Plugins + "/kubelet.sock";
    public const string PluginSocket = Plugins + "/furiosa-npu";
    public const string Cdi = "/etc/cdi";

    private readonly List<GrpcServer> _servers = [];
    private string? _podResources;

    public HostTree Host { get; } = new();

    public IReadOnlyList<CardTree> Cards { get; private set; } = [];

    public PodResourcesServer Pods { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public bool IsContainer { get; set; }

    public EndpointAddress? Address { get; set; }

    public KubernetesClient? Kubernetes { get; set; }

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>A tree that holds nothing but what a test puts there, or a sample.</summary>
    public static HostRoot Root(string path) => new(path);

    /// <summary>Brings the node to where nothing is wrong.</summary>
    public async Task StartAsync(CancellationToken token)
    {
        Cards = [Host.AddWarboy(0), Host.AddWarboy(1)];
        foreach (var index in (int[])[0, 1])
            AddPciFunction($"0000:{index:x2}:00.0", "npu");

        foreach (var folder in (string[])[Features, Plugins, Cdi])
            Directory.CreateDirectory(Host.At(folder));

        Host.Write(FeatureFile, $"# +expiry-time={Time.GetUtcNow().AddMinutes(5):yyyy-MM-dd'T'HH:mm:ss'Z'}\nbeta.furiosa.ai/npu.count=2\n");
        Host.Write(Checkpoint, CheckpointOf(("beta.furiosa.ai/npu", [Id(0), Id(1)])));
        await ServeAsync(KubeletSocket, token);
        await ServePluginAsync(PluginSocket, token);
        await Pods.StartAsync(token);
        _podResources = Pods.SocketPath;
    }

    /// <summary>What the kubelet calls a card.</summary>
    public static string Id(int index) => $"1B2E6C4D-0000-4A7F-9C31-0000000000{index:X2}";

    public static string CheckpointOf(params (string Resource, string[] Ids)[] resources) =>
        $$$"""{"Data":{"PodDeviceEntries":[],"RegisteredDevices":{ {{{Registered(resources)}}} }},"Checksum":1}""";

    public void AddPciFunction(string address, string? driver)
    {
        Host.Write($"/sys/bus/pci/devices/{address}/vendor", "0x1ed2\n");
        Directory.CreateDirectory(Host.At("/sys/bus/pci/drivers"));
        if (driver is not null)
            File.CreateSymbolicLink(Host.At($"/sys/bus/pci/devices/{address}/driver"), $"../../drivers/{driver}");
    }

    /// <summary>A server that answers nothing.</summary>
    public Task<GrpcServer> ServeAsync(string socket, CancellationToken token) => ServeAsync(socket, _ => { }, token);

    /// <summary>A device plugin, as far as it tells its options.</summary>
    public Task<GrpcServer> ServePluginAsync(string socket, CancellationToken token) => ServeAsync(
        socket, server => server.AddUnary("/v1beta1.DevicePlugin/GetDevicePluginOptions", Empty.Parser, (_, _) => Task.FromResult(new Empty())),
        token);

    /// <summary>Ends who listens at a socket, and leaves the socket, as a kill does.</summary>
    public async Task KillAsync(string socket)
    {
        var server = _servers.Single(server => server.SocketPath == Host.At(socket));
        File.Move(Host.At(socket), Host.At(socket) + ".kept");
        await server.DisposeAsync();
        File.Move(Host.At(socket) + ".kept", Host.At(socket));
    }

    /// <summary>Makes a socket at which nobody listens.</summary>
    public void LeaveSocket(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Host.At(path))!);
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(Host.At(path) + ".made"));
            // It removes its own when it is closed.
            File.Move(Host.At(path) + ".made", Host.At(path));
        }
    }

    /// <summary>Reads the node as the command does.</summary>
    internal DoctorContext Look(HostRoot? root = null)
    {
        root ??= Host.Root;
        var failure = (string?)null;
        NodeSnapshot? node = null;
        try
        {
            using var reader = new NodeReader(root);
            node = reader.Read();
        }
        catch (HostUnreadableException exception)
        {
            failure = exception.Message;
        }

        return new DoctorContext
        {
            Root = root,
            Node = node,
            NodeFailure = failure,
            NodeName = "node-1",
            IsContainer = IsContainer,
            Folders = new DoctorFolders
            {
                Features = Host.At(Features),
                FeatureFileName = "npu-feature-discovery",
                Plugins = Host.At(Plugins),
                Registry = Host.At("/var/lib/kubelet/plugins_registry"),
                PodResources = _podResources ?? Host.At("/var/lib/kubelet/pod-resources/kubelet.sock"),
                Cdi = [Host.At(Cdi)],
            },
            Resources = [.. new PodResourcesOptions().Resources],
            Address = Address,
            Kubernetes = Kubernetes,
            NoKubernetes = Kubernetes is null ? "there is no API server" : null,
            Environment = Environment.GetValueOrDefault,
            TimeProvider = Time,
        };
    }

    /// <summary>What doctor says, with the folder of the test out of it.</summary>
    internal async Task<DoctorReport> ReportAsync(CancellationToken token, HostRoot? root = null)
    {
        using var context = Look(root);
        // The cluster is looked at elsewhere.
        var checks = DoctorChecks.Of(context).Where(check => check.Check.GetType().Namespace?.EndsWith(".Cluster", StringComparison.Ordinal) != true);
        var findings = await DoctorRun.RunAsync(checks, Time, token);
        return new DoctorReport(context.NodeName, Time.GetUtcNow(), [.. findings.Select(finding => finding with
        {
            What = Nameless(finding.What, context.Root)!,
            Why = Nameless(finding.Why, context.Root),
            Remedy = Nameless(finding.Remedy, context.Root),
        })]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();

        await Pods.DisposeAsync();
        Host.Dispose();
    }

    private string? Nameless(string? text, HostRoot root) => text?
        .Replace(Host.Path, "", StringComparison.Ordinal)
        .Replace(Path.GetDirectoryName(Pods.SocketPath)!, "/var/lib/kubelet/pod-resources", StringComparison.Ordinal)
        .Replace(root.Path, "/ROOT", StringComparison.Ordinal)
        .Replace($"of user {FileRights.UserId},", "of user N,", StringComparison.Ordinal);

    private async Task<GrpcServer> ServeAsync(string socket, Action<GrpcServer> add, CancellationToken token)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Host.At(socket))!);
        var server = new GrpcServer(new GrpcServerOptions { SocketPath = Host.At(socket) }, TimeProvider.System, NullLoggerFactory.Instance);
        add(server);
        await server.StartAsync(token);
        _servers.Add(server);
        return server;
    }

    private static string Registered((string Resource, string[] Ids)[] resources) => string.Join(
        ',', resources.Select(resource => $"\"{resource.Resource}\":[{string.Join(',', resource.Ids.Select(id => $"\"{id}\""))}]"));
}
