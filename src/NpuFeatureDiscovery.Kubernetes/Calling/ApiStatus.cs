using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Kubernetes.Calling;

/// <summary>What the API server says of a call that it refused.</summary>
/// <remarks>https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/</remarks>
internal sealed partial class ApiStatus
{
    private const int LongestText = 500;

    private readonly HttpStatusCode _code;
    private readonly string _message;
    private readonly string _reason;
    private readonly bool _isStatus;
    private readonly KubernetesCause[] _causes = [];

    public ApiStatus(HttpStatusCode code, ReadOnlySpan<byte> content)
    {
        _code = code;
        _reason = "";
        try
        {
            using var document = JsonText.Parse(content);
            var status = document.RootElement;
            _isStatus = status.Text("kind") == "Status";
            _message = status.Text("message") ?? "";
            _reason = status.Text("reason") ?? "";
            var causes = new List<KubernetesCause>();
            foreach (var cause in status.Member("details")?.Items("causes") ?? [])
                causes.Add(CauseOf(cause));

            _causes = [.. causes.Distinct()];
        }
        catch (JsonException)
        {
            // A proxy's page, or '404 page not found' of an API that is not served.
            _message = System.Text.Encoding.UTF8.GetString(content[..Math.Min(content.Length, LongestText)]).Trim();
        }
    }

    public KubernetesException ToException(string call, string account) => new(
        $"{call} was answered {(int)_code} {(_reason.Length > 0 ? _reason : _code)}{Said()}. {Remedy(account)}", _code)
    {
        Reason = _reason,
        Causes = _causes,
    };

    private static KubernetesCause CauseOf(JsonElement cause) =>
        new(cause.Text("reason") ?? "", cause.Text("field") ?? "", cause.Text("message") ?? "");

    private string Said()
    {
        var message = _message.TrimEnd('.', ' ', ':');
        return message.Length == 0 ? "" : ": " + (message.Length > LongestText ? message[..LongestText] + "..." : message);
    }

    private string Remedy(string account)
    {
        switch (_code)
        {
            case HttpStatusCode.Unauthorized:
                return $"The API server does not accept the credentials of {account}: they have expired, or are of another "
                    + "cluster.";
            case HttpStatusCode.Forbidden when Missing().Match(_message) is { Success: true } missing:
                var (verb, resource, group) = (missing.Groups[1].Value, missing.Groups[2].Value, missing.Groups[3].Value);
                return "Add to a role of that account: "
                    + $"- apiGroups: [\"{group}\"], resources: [\"{resource}\"], verbs: [\"{verb}\"].";
            // All that is said of an apply that would have to create the object.
            case HttpStatusCode.Forbidden when _message.EndsWith("is forbidden: ", StringComparison.Ordinal):
                return "It is not there, and the account may not create it: add the verb create to its role.";
            case HttpStatusCode.Forbidden:
                return "An admission plugin or policy of the API server refuses it: ask who runs the cluster.";
            case HttpStatusCode.NotFound when !_isStatus:
                return "The API server does not serve that API: install its CustomResourceDefinition.";
            case HttpStatusCode.NotFound:
                return "Check the name.";
            case HttpStatusCode.Conflict when _causes.Any(cause => cause.ConflictingManager is not null):
                return "Let these managers give the fields up, or take them over by force.";
            case HttpStatusCode.Conflict:
                return "The object has changed meanwhile: read it again.";
            case HttpStatusCode.UnprocessableEntity:
                return "Correct what is named there.";
            case HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                return "The API server is overloaded or not well: try again later.";
            default:
                return "Check the API server's address.";
        }
    }

    /// <summary>RBAC's words: <c>User "x" cannot patch resource "nodes" in API group "" at the cluster scope</c>.</summary>
    [GeneratedRegex("cannot (\\S+) resource \"([^\"]+)\" in API group \"([^\"]*)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Missing();
}
