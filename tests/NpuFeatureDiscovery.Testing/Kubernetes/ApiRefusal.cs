using System.Net;
using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>An answer other than success: a <c>Status</c> object, or plain text where there is no such API.</summary>
internal sealed class ApiRefusal(HttpStatusCode code, string reason, string message, params IEnumerable<(string Reason, string Field, string Message)> causes)
    : Exception(message)
{
    public HttpStatusCode Code => code;

    public string ToJson() => reason.Length == 0 ? Message : new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = Message,
        ["reason"] = reason,
        ["details"] = new JsonObject
        {
            ["causes"] = new JsonArray([.. causes.Select(cause => (JsonNode)new JsonObject
            {
                ["reason"] = cause.Reason,
                ["message"] = cause.Message,
                ["field"] = cause.Field,
            })]),
        },
        ["code"] = (int)code,
    }.ToJsonString();
}
