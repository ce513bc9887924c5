namespace NpuFeatureDiscovery.Metrics.Tests;

public sealed class EndpointAddressTests
{
    [TestCase("8080", null, 8080, ":8080")]
    [TestCase(":8080", null, 8080, ":8080")]
    [TestCase(":0", null, 0, ":0")]
    [TestCase("0.0.0.0:65535", "0.0.0.0", 65535, "0.0.0.0:65535")]
    [TestCase("127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1:8080")]
    [TestCase("localhost:8080", "localhost", 8080, "localhost:8080")]
    [TestCase("node-1.example.com:8080", "node-1.example.com", 8080, "node-1.example.com:8080")]
    [TestCase("[::1]:8080", "::1", 8080, "[::1]:8080")]
    [TestCase("[::]:8080", "::", 8080, "[::]:8080")]
    public void An_address_is_a_port_and_perhaps_a_host(string text, string? host, int port, string printed)
    {
        var address = EndpointAddress.Parse(text);

        Assert.That((address.Host, address.Port, address.ToString()), Is.EqualTo((host, port, printed)));
        Assert.That(EndpointAddress.Parse(address.ToString()), Is.EqualTo(address));
    }

    [TestCase("")]
    [TestCase(":")]
    [TestCase("localhost")]
    [TestCase("localhost:")]
    [TestCase(":65536")]
    [TestCase(":99999999999")]
    [TestCase(":-1")]
    [TestCase(":+1")]
    [TestCase(": 1")]
    [TestCase(":http")]
    [TestCase("::1")]
    [TestCase("::1:8080")]
    [TestCase("[::1]")]
    [TestCase("[::1:8080")]
    [TestCase("::1]:8080")]
    [TestCase("[127.0.0.1]:8080")]
    [TestCase("[]:8080")]
    [TestCase("[:8080")]
    [TestCase("http://localhost:8080")]
    [TestCase("a b:8080")]
    public void Anything_else_is_refused_with_what_is_allowed(string text)
    {
        Assert.That(EndpointAddress.TryParse(text, out var address, out var error), Is.False);
        Assert.That(address, Is.Null);
        Assert.That(error, Does.StartWith($"Address '{text}' is invalid").And.Contain("HOST:PORT"));
        Assert.That(() => EndpointAddress.Parse(text), Throws.TypeOf<FormatException>().With.Message.EqualTo(error));
    }
}
