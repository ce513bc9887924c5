using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes.Access;

namespace NpuFeatureDiscovery.Kubernetes.Calling;

/// <summary>Sends requests with their credentials until they are answered, refused or out of time.</summary>
internal sealed class Caller : IDisposable
{
    /// <summary>How often a call is tried again where the server does not say when.</summary>
    private const int MaxRetries = 3;

    private readonly KubernetesConfiguration _configuration;
    private readonly TimeProvider _timeProvider;
    private readonly Credential _credential;
    private readonly HttpClient _client;

    public Caller(KubernetesConfiguration configuration, TimeProvider timeProvider)
    {
        _configuration = configuration;
        _timeProvider = timeProvider;
        _credential = configuration.CreateCredential(timeProvider);
        _client = Transport.Create(configuration, _credential);
    }

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    public async Task<JsonElement?> FindAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(method, path, null, null, cancellationToken);
        }
        catch (KubernetesException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<JsonElement> SendAsync(
        HttpMethod method, string path, string? mediaType, JsonNode? content, CancellationToken cancellationToken)
    {
        var url = new Uri(_configuration.Server.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);
        var call = $"{method} {url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}";
        var started = _timeProvider.GetTimestamp();
        using var deadline = new CancellationTokenSource(Timeout, _timeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        KubernetesException? failure = null;
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                var delay = Backoff.Delay(attempt, Random.Shared.NextDouble());
                var mayRetry = attempt < MaxRetries;
                try
                {
                    using var response = await SendOnceAsync(method, url, mediaType, content, ended.Token);
                    var answer = await response.Content.ReadAsByteArrayAsync(ended.Token);
                    if (response.IsSuccessStatusCode)
                        return Parse(answer, call);

                    failure = new ApiStatus(response.StatusCode, answer).ToException(call, _configuration.Source);
                    if (response.Headers.RetryAfter is { } retryAfter)
                        (mayRetry, delay) = (true, WaitOf(retryAfter));
                    if (response.StatusCode is not (HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError))
                        throw failure;
                }
                catch (HttpRequestException exception)
                {
                    failure = NoAnswer(call, exception);
                    mayRetry &= exception.HttpRequestError is not (HttpRequestError.SecureConnectionError
                        or HttpRequestError.ProxyTunnelError or HttpRequestError.ConfigurationLimitExceeded);
                }

                if (!mayRetry || delay >= Timeout - _timeProvider.GetElapsedTime(started))
                    throw failure;

                await Task.Delay(delay, _timeProvider, ended.Token);
            }
        }
        catch (KubernetesException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"{call} was cancelled.", exception, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw failure ?? new KubernetesException(
                $"{call} was not answered within {Timeout.TotalSeconds:0.#} s. Is the API server well, and does a firewall let "
                + "us through?",
                innerException: exception);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _credential.Dispose();
    }

    /// <summary>Sends a request, and again where the server no longer accepts the token and there is another by now.</summary>
    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, Uri url, string? mediaType, JsonNode? content, CancellationToken cancellationToken)
    {
        var token = await _credential.GetTokenAsync(cancellationToken);
        var response = await SendAsync(token);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
            return response;

        _credential.Forget();
        if (await _credential.GetTokenAsync(cancellationToken) is not { } newToken || newToken == token)
            return response;

        response.Dispose();
        return await SendAsync(newToken);

        async Task<HttpResponseMessage> SendAsync(string? token)
        {
            using var request = new HttpRequestMessage(method, url)
            {
                Version = _client.DefaultRequestVersion,
                VersionPolicy = _client.DefaultVersionPolicy,
            };
            if (token is not null)
                request.Headers.Authorization = AuthorizationOf(token);
            if (content is not null)
            {
                request.Content = new StringContent(content.ToJsonString());
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType!);
            }

            return await _client.SendAsync(request, cancellationToken);
        }
    }

    private AuthenticationHeaderValue AuthorizationOf(string token)
    {
        // A line feed would end the header, and .NET's message would show the token.
        return !token.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new AuthenticationHeaderValue("Bearer", token)
            : throw new KubernetesException($"The token of {_configuration.Source} holds characters that no token has.");
    }

    private TimeSpan WaitOf(RetryConditionHeaderValue retryAfter)
    {
        var wait = retryAfter.Delta ?? (retryAfter.Date - _timeProvider.GetUtcNow()) ?? TimeSpan.Zero;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private static JsonElement Parse(byte[] answer, string call)
    {
        try
        {
            using var document = JsonText.Parse(answer);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new KubernetesException(
                $"{call} was answered by what is no API server: the answer is no JSON. Check the server's address.",
                innerException: exception);
        }
    }

    private KubernetesException NoAnswer(string call, HttpRequestException exception)
    {
        var remedy = exception.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "Check the server's name, and DNS.",
            HttpRequestError.SecureConnectionError =>
                $"Check the certificate authority that {_configuration.Source} gives, and the server's name.",
            HttpRequestError.ProxyTunnelError => "Check the proxy (HTTPS_PROXY, NO_PROXY, proxy-url).",
            _ => "Is the API server running, and does a firewall let us through?",
        };
        var cause = exception.InnerException is { } inner && !exception.Message.Contains(inner.Message, StringComparison.Ordinal)
            ? $"{exception.Message.TrimEnd('.')}: {inner.Message}"
            : exception.Message;
        return new KubernetesException($"{call} has no answer: {cause.TrimEnd('.')}. {remedy}", innerException: exception);
    }
}
