using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>A request as the API server saw it.</summary>
public sealed record ApiRequest(string Method, string Path, string? ContentType, string? UserAgent, string? Account, string Protocol);

/// <summary>
/// An API server at a loopback port, with TLS: keeps Nodes, Pods, Events and, when asked to, NodeFeatures; knows accounts and their
/// rights, patches, server-side apply and its conflicts, and answers as Kubernetes 1.20 was seen to. What goes wrong with a real
/// one seldom is asked for by <see cref="Fail"/> and <see cref="Hang"/>, and for as long as it lasts by <see cref="Outage"/>.
/// </summary>
public sealed class FakeKubernetesApi : IKubernetesServer
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServerCertificates _certificates = new();
    private readonly ObjectStore _objects = new();
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (string Name, ApiRule[] Rules)> _accounts = [];
    private readonly ConcurrentQueue<Func<HttpContext, Task<bool>>> _faults = [];
    private readonly ConcurrentQueue<ApiRequest> _requests = [];
    private readonly TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<KubernetesResource> _served = [KubernetesResource.Nodes, KubernetesResource.Pods, KubernetesResource.Events];
    private readonly WebApplication _server;
    private int _nodes;

    private FakeKubernetesApi(string? serverName)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = _certificates.SignServer(serverName),
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = (_, _, _) => true,
            })));
        _server = builder.Build();
        _server.Run(ServeAsync);
        _accounts["admin-token"] = ("admin", [new ApiRule("*", "*", "*")]);
    }

    /// <summary>The server's address: <c>https://127.0.0.1:12345</c>.</summary>
    public string Url => _server.Urls.Single();

    /// <summary>Signs the server's certificate.</summary>
    public ServerCertificates Certificates => _certificates;

    public string TestNamespace => "test";

    public KubernetesConfiguration Admin => ConfigurationOf("token: admin-token");

    /// <summary>Everything that was asked for, in order.</summary>
    public IReadOnlyCollection<ApiRequest> Requests => _requests;

    /// <summary>Ends when somebody's request is let hang.</summary>
    public Task Hanging => _hanging.Task;

    /// <summary>What becomes of every request from now on, such as <see cref="ApiOutage"/> has it; null: what it asks for is done.</summary>
    /// <remarks>It returns whether the request is dealt with.</remarks>
    public Func<HttpContext, Task<bool>>? Outage { get; set; }

    public static async Task<FakeKubernetesApi> StartAsync(CancellationToken cancellationToken, string? serverName = null)
    {
        var server = new FakeKubernetesApi(serverName);
        await server._server.StartAsync(cancellationToken);
        return server;
    }

    public string NewNodeName() => $"node-{Interlocked.Increment(ref _nodes)}";

    public Task AddNodeFeaturesAsync()
    {
        lock (_lock)
            _served.Add(new("nfd.k8s-sigs.io", "v1alpha1", "nodefeatures", "NodeFeature"));

        return Task.CompletedTask;
    }

    public Task<KubernetesConfiguration> AddAccountAsync(params ApiRule[] rules)
    {
        var token = Guid.NewGuid().ToString();
        AddToken(token, rules);
        return Task.FromResult(ConfigurationOf($"token: {token}"));
    }

    /// <summary>Accepts a token from now on.</summary>
    public void AddToken(string token, params ApiRule[] rules) => _accounts[token] = ("system:serviceaccount:test:agent", rules);

    /// <summary>No longer accepts a token.</summary>
    public void RemoveToken(string token) => _accounts.TryRemove(token, out _);

    /// <summary>A configuration for this server, by a kubeconfig whose user and cluster hold these YAML lines.</summary>
    public KubernetesConfiguration ConfigurationOf(string user, string? cluster = null)
    {
        File.WriteAllText(_folder.At("ca.crt"), _certificates.AuthorityPem);
        var path = _folder.At($"{Guid.NewGuid()}.kubeconfig");
        File.WriteAllText(path, $$$"""
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: test, namespace: {{{TestNamespace}}}}}]
            clusters: [{name: test, cluster: {server: "{{{Url}}}", {{{cluster ?? "certificate-authority: ca.crt"}}} }}]
            users: [{name: test, user: { {{{user}}} }}]
            """);
        return KubernetesConfiguration.FromKubeconfig([path]);
    }

    /// <summary>Answers the next request so, instead of doing what it asks for.</summary>
    public void Fail(HttpStatusCode code, string body, string? retryAfter = null) => _faults.Enqueue(async context =>
    {
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        await AnswerAsync(context, code, body);
        return true;
    });

    /// <summary>Does what the next request asks for, after something else that happens meanwhile.</summary>
    public void Pass(Func<Task>? meanwhile = null) => _faults.Enqueue(async _ =>
    {
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        return false;
    });

    /// <summary>Breaks the connection of the next request.</summary>
    public void Break() => _faults.Enqueue(context =>
    {
        context.Abort();
        return Task.FromResult(true);
    });

    /// <summary>Never answers the next request.</summary>
    public void Hang() => _faults.Enqueue(async context =>
    {
        _hanging.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificates.Dispose();
        _folder.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var request = context.Request;
        var account = AccountOf(context);
        _requests.Enqueue(new ApiRequest(
            request.Method, request.Path + request.QueryString, request.ContentType, request.Headers.UserAgent, account?.Name, request.Protocol));
        if ((_faults.TryDequeue(out var fault) || (fault = Outage) is not null) && await fault(context))
            return;

        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        HttpStatusCode code;
        string answer;
        try
        {
            lock (_lock)
                (code, answer) = (HttpStatusCode.OK, Do(request, body.Length == 0 ? null : JsonNode.Parse(body), account));
        }
        catch (ApiRefusal refusal)
        {
            (code, answer) = (refusal.Code, refusal.ToJson());
        }

        await AnswerAsync(context, code, answer);
    }

    private static Task AnswerAsync(HttpContext context, HttpStatusCode code, string body)
    {
        context.Response.StatusCode = (int)code;
        context.Response.ContentType = body.StartsWith('{') ? "application/json" : "text/plain";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    private (string Name, ApiRule[] Rules)? AccountOf(HttpContext context)
    {
        if (context.Connection.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, false) is { } name)
            return (name, [new ApiRule("*", "*", "*")]);

        var token = context.Request.Headers.Authorization.ToString();
        return token.StartsWith("Bearer ", StringComparison.Ordinal) && _accounts.TryGetValue(token["Bearer ".Length..], out var account) ? account : null;
    }

    private string Do(HttpRequest request, JsonNode? body, (string Name, ApiRule[] Rules)? account)
    {
        if (account is not var (user, rules))
            throw new ApiRefusal(HttpStatusCode.Unauthorized, "Unauthorized", "Unauthorized");

        var path = request.Path.Value!;
        if (request.Method == "GET" && Discover(path) is { } list)
            return list;

        var isList = request.Method == "GET" && _served.Exists(resource => IsListOf(resource, path));
        var resource = _served.Find(resource => isList
                ? IsListOf(resource, path)
                : path.StartsWith(PathOf(resource) + "/", StringComparison.Ordinal) && path.Split('/')[^2] == resource.Plural)
            ?? throw new ApiRefusal(HttpStatusCode.NotFound, "", "404 page not found");
        var verb = isList ? "list" : request.Method.ToLowerInvariant();
        if (!May(verb))
            throw new ApiRefusal(
                HttpStatusCode.Forbidden, "Forbidden",
                $"{resource.Plural}{(isList ? "" : $" \"{path.Split('/')[^1]}\"")} is forbidden: User \"{user}\" cannot {verb} "
                + $"resource \"{resource.Plural}\" in API group \"{resource.Group}\" at the cluster scope");
        if (isList)
            return _objects.List(path, resource, request.Query).ToJsonString();

        // An API server takes the program's name from the User-Agent where the request names no manager.
        var manager = request.Query["fieldManager"].FirstOrDefault() ?? request.Headers.UserAgent.ToString().Split('/')[0];
        switch (request.Method, request.ContentType)
        {
            case ("GET", _):
                return _objects.Get(path, resource).ToJsonString();
            case ("DELETE", _):
                _objects.Delete(path, resource);
                return """{"kind":"Status","apiVersion":"v1","status":"Success"}""";
            case ("PATCH", "application/merge-patch+json"):
                return _objects.MergePatch(path, resource, body!.AsObject(), manager).ToJsonString();
            case ("PATCH", "application/json-patch+json"):
                return _objects.JsonPatch(path, resource, body!.AsArray(), manager).ToJsonString();
            case ("PATCH", "application/apply-patch+yaml"):
                return _objects.Apply(path, resource, body!.AsObject(), manager, request.Query["force"] == "true", May("create")).ToJsonString();
            default:
                throw new ApiRefusal(HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", "the body of the request was in an unknown format");
        }

        bool May(string verb) => rules.Any(rule =>
            Covers([rule.Group], resource.Group) && Covers([rule.Resource], resource.Plural) && Covers(rule.Verbs, verb));

        static bool Covers(string[] allowed, string wanted) => allowed.Contains(wanted) || allowed.Contains("*");
    }

    private static bool IsListOf(KubernetesResource resource, string path)
    {
        var rest = path.Split('/').Skip(PathOf(resource).Split('/').Length).ToArray();
        return path.StartsWith(PathOf(resource) + "/", StringComparison.Ordinal) && rest[^1] == resource.Plural
            && (rest.Length == 1 || (rest.Length == 3 && rest[0] == "namespaces"));
    }

    private string? Discover(string path)
    {
        if (path == "/version")
            return """{"major":"1","minor":"20","gitVersion":"v1.20.2"}""";

        var found = _served.Where(resource => path == PathOf(resource)).ToArray();
        return found.Length == 0 ? null : JsonSerializer.Serialize(new
        {
            kind = "APIResourceList",
            resources = found.Select(resource => new { name = resource.Plural, kind = resource.Kind }),
        });
    }

    private static string PathOf(KubernetesResource resource) =>
        resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.ApiVersion}";
}
