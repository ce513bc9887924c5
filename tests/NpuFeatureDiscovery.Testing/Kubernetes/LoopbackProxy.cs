using System.Net;
using System.Net.Sockets;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>
/// Stands before an API server at a port of its own, and passes bytes to and fro until it is cut: then open connections break and
/// new ones are refused, as by a server that is stopped; or held: then they stay open and nothing comes, as from one that hangs.
/// </summary>
public sealed class LoopbackProxy : IAsyncDisposable
{
    private readonly Uri _server;
    private TcpListener _listener;
    private CancellationTokenSource _cut = new();
    private Task _serving;
    private volatile TaskCompletionSource _release = Released();

    public LoopbackProxy(Uri server)
    {
        _server = server;
        _listener = ListenAnywhere();
        _serving = ServeAsync(_listener, _cut.Token);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The same account, by way of the proxy.</summary>
    public KubernetesConfiguration Front(KubernetesConfiguration configuration) =>
        new(new UriBuilder(_server.Scheme, IPAddress.Loopback.ToString(), Port).Uri, configuration.Source)
        {
            Namespace = configuration.Namespace,
            Authorities = configuration.Authorities,
            CreateCredential = configuration.CreateCredential,
        };

    public async Task CutAsync()
    {
        await _cut.CancelAsync();
        _listener.Stop();
        await _serving;
    }

    public void Restore()
    {
        _cut.Dispose();
        _cut = new CancellationTokenSource();
        _listener = new TcpListener((IPEndPoint)_listener.LocalEndpoint);
        _listener.Start();
        _serving = ServeAsync(_listener, _cut.Token);
    }

    /// <summary>Keeps back from now on what either side says.</summary>
    public void Hold() => _release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Passes on what was kept back, and goes on.</summary>
    public void Release() => _release.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        _listener.Dispose();
        _cut.Dispose();
    }

    /// <summary>Below the ports that connections are given, so that none takes it while the proxy is cut.</summary>
    private static TcpListener ListenAnywhere()
    {
        while (true)
        {
            var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException)
            {
                listener.Dispose();
            }
        }
    }

    private async Task ServeAsync(TcpListener listener, CancellationToken cut)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(PassAsync(await listener.AcceptTcpClientAsync(cut), cut));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(TcpClient client, CancellationToken cut)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port, cut);
                await Task.WhenAny(
                    CopyAsync(client.GetStream(), server.GetStream(), cut), CopyAsync(server.GetStream(), client.GetStream(), cut));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // Cut, or there is no server.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken cut)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer, cut) is > 0 and var count)
        {
            await _release.Task.WaitAsync(cut);
            await to.WriteAsync(buffer.AsMemory(0, count), cut);
        }
    }

    private static TaskCompletionSource Released()
    {
        var released = new TaskCompletionSource();
        released.SetResult();
        return released;
    }
}
