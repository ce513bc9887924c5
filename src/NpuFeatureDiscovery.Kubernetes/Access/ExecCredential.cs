using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace NpuFeatureDiscovery.Kubernetes.Access;

/// <summary>What a plugin gives: a token, a client certificate or both, until it expires or is refused.</summary>
internal sealed class ExecCredential(ExecPlugin plugin, TimeProvider timeProvider) : Credential
{
    private readonly SemaphoreSlim _running = new(1, 1);
    private Given? _given;

    public override X509Certificate2? Certificate => _given?.Certificate;

    public override async ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken)
    {
        await _running.WaitAsync(cancellationToken);
        try
        {
            if (_given is null || _given.Expiry <= timeProvider.GetUtcNow())
                _given = Read(await plugin.RunAsync(cancellationToken));

            return _given.Token;
        }
        finally
        {
            _running.Release();
        }
    }

    public override void Forget() => _given = null;

    public override void Dispose()
    {
        _given?.Certificate?.Dispose();
        _running.Dispose();
        base.Dispose();
    }

    private Given Read(string output)
    {
        try
        {
            using var document = JsonText.Parse(Encoding.UTF8.GetBytes(output));
            var status = document.RootElement.Member("status") ?? throw plugin.Failed("gave no 'status'.");
            var token = status.Text("token");
            var certificate = status.Text("clientCertificateData") is { } pem
                ? X509Certificate2.CreateFromPem(pem, status.Text("clientKeyData"))
                : null;
            if (token is null && certificate is null)
                throw plugin.Failed("gave neither 'status.token' nor 'status.clientCertificateData'.");

            var expiry = status.Member("expirationTimestamp") is { ValueKind: JsonValueKind.String } time
                ? time.GetDateTimeOffset()
                : DateTimeOffset.MaxValue;
            return new Given(token, certificate, expiry);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or CryptographicException)
        {
            // Not the exception's message, which may hold a piece of the secret.
            throw plugin.Failed($"gave what is no ExecCredential ({exception.GetType().Name}).");
        }
    }

    private sealed record Given(string? Token, X509Certificate2? Certificate, DateTimeOffset Expiry);
}
