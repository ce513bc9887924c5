using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.Metrics.Endpoint;
using NpuFeatureDiscovery.Metrics.Endpoint.Security;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

public sealed class RequestHeaderFuzzTests : IDisposable
{
    /// <summary>As much as the endpoint takes.</summary>
    private const int MaxSize = 16 * 1024;

    private static readonly FuzzTarget Target = new("accept-header")
    {
        Words =
        [
            "application/openmetrics-text", "text/plain", "text/*", "*/*", "*", "gzip", ";q=", ";q=0.5", ";q=1.0001", ";version=1.0.0",
            ";version=\"1.0.0\"", ";version=\"", "Basic ", "Bearer ", "YW5uYTphOmI=", "====",
        ],
        MaxSize = MaxSize,
        BytesPerByte = 2_000,
        Rounds = 500,
    };

    private static readonly string[] Addresses = ["8080", ":8080", "127.0.0.1:8080", "[::1]:8080", "host.example:0"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Whatever_a_client_says_that_it_takes_there_is_an_answer() => Fuzz.Check(Target, input =>
    {
        // As Kestrel reads headers.
        var text = Encoding.Latin1.GetString(input);
        var headers = new HeaderDictionary { ["Accept"] = new([text, text]), ["Accept-Encoding"] = new([text, text]) };
        _ = Accepted.Format(headers);
        _ = Accepted.Json(headers);
        _ = Accepted.Gzip(headers);
    });

    [Test]
    public void Whatever_credentials_a_client_sends_only_the_right_ones_are_taken()
    {
        File.WriteAllText(_folder.At("token"), "s3cr3t-token.~+/=");
        File.WriteAllText(_folder.At("users"), "anna:a:b\n");
        var authenticator = new Authenticator(
            new EndpointOptions { BearerTokenFile = _folder.At("token"), BasicAuthFile = _folder.At("users") },
            NullLogger<Authenticator>.Instance);

        Fuzz.Check(Target, input =>
        {
            var text = Encoding.Latin1.GetString(input);
            if (!authenticator.Allows(new HeaderDictionary { ["Authorization"] = text }))
                return;

            var words = text.Split((char[]?)null, 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            Fuzz.Require(words is [var scheme, var sent] && (scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
                ? sent == "s3cr3t-token.~+/="
                : Encoding.UTF8.GetString(Convert.FromBase64String(sent)) == "anna:a:b"), $"'{text}' is let in.");
        });
    }

    [Test]
    public void Whatever_a_file_of_secrets_holds_it_is_read_or_refused_without_telling_it() => Fuzz.Check(
        new FuzzTarget("secrets")
        {
            Samples = ["s3cr3t\n"u8.ToArray(), "anna:a:b\r\n\nbert:p\u00e4ss\n"u8.ToArray()],
            Words = ["anna:", "\r\n", ":"],
            MaxSize = FileText.MaxBytes + 1,
            Rounds = 300,
        },
        input =>
        {
            var file = _folder.At("secret");
            File.WriteAllBytes(file, input);
            foreach (var read in (Func<FileText, Credentials>[])[Credentials.OfToken, Credentials.OfUsers])
            {
                try
                {
                    _ = read(FileText.Read(file));
                }
                catch (EndpointFileException exception)
                {
                    Fuzz.Require(exception.Message.Length < 300 + file.Length, "The message holds the file.");
                }
            }
        });

    [Test]
    public void Whatever_an_address_is_it_is_written_as_what_reads_back_the_same() => Fuzz.Check(
        new FuzzTarget("address")
        {
            Samples = [.. Addresses.Select(Encoding.UTF8.GetBytes)],
            Words = ["[", "]:", "::", "%eth0", "65535", "65536"],
            BytesPerByte = 100,
        },
        input =>
        {
            var text = Encoding.UTF8.GetString(input);
            if (EndpointAddress.TryParse(text, out var address, out var error))
                Fuzz.Require(EndpointAddress.Parse(address.ToString()) == address, $"'{address}'");
            else
                Fuzz.Require(error.Contains("is invalid", StringComparison.Ordinal), error);
        });
}
