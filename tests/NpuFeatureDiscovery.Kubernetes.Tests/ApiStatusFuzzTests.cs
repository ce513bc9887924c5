using System.Net;
using NpuFeatureDiscovery.Kubernetes.Calling;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Kubernetes.Tests;

public sealed class ApiStatusFuzzTests
{
    private const int LongestMessage = 2_000;

    private static readonly FuzzTarget Target = new("api-answer")
    {
        Words = ["\"kind\":", "\"Status\"", "\"message\":", "\"reason\":", "\"details\":", "\"causes\":", "{\"a\":", "\\udc00", "\"a\":1,", "null,"],
        MaxSize = 256 * 1024,
        BytesPerByte = 100,
    };

    private static readonly HttpStatusCode[] Codes =
        [HttpStatusCode.Forbidden, HttpStatusCode.Conflict, HttpStatusCode.NotFound, HttpStatusCode.InternalServerError, (HttpStatusCode)418];

    [Test]
    public void Whatever_a_server_answers_it_becomes_one_short_message_with_a_remedy() => Fuzz.Check(Target, input =>
    {
        foreach (var code in Codes)
        {
            var exception = new ApiStatus(code, input).ToException("GET https://one", "the account");
            Fuzz.Require(exception.Message.StartsWith("GET https://one was answered ", StringComparison.Ordinal), exception.Message);
            Fuzz.Require(exception.Message.Length < LongestMessage, "The message is as long as the answer.");
        }
    });

    [TestCase("""{"kind":"Status","message":"\ud800","reason":"Forbidden"}""")]
    [TestCase("""{"kind":"Status","\ud800":"","reason":"Forbidden"}""")]
    public void An_answer_with_half_a_character_is_no_status(string answer) =>
        Assert.That(
            new ApiStatus(HttpStatusCode.Forbidden, System.Text.Encoding.UTF8.GetBytes(answer)).ToException("GET x", "y").Reason, Is.Empty);
}
