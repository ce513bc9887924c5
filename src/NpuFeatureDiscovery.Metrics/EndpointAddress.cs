using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>Where to listen: a TCP port, at one address of the machine or at all.</summary>
public sealed record EndpointAddress
{
    private EndpointAddress(string? host, int port) => (Host, Port) = (host, port);

    /// <summary>
    /// An IP address or a name that is resolved at start, an IPv6 address without brackets; <see langword="null"/> for every
    /// address of the machine.
    /// </summary>
    public string? Host { get; }

    /// <summary>The port, 0 to 65535; 0 lets the system choose one that is free.</summary>
    public int Port { get; }

    /// <summary>Reads <c>PORT</c>, <c>:PORT</c>, <c>HOST:PORT</c> or <c>[IPv6]:PORT</c>.</summary>
    /// <exception cref="FormatException">The text is none of these; the message names it and them.</exception>
    public static EndpointAddress Parse(string text) =>
        TryParse(text, out var address, out var error) ? address : throw new FormatException(error);

    /// <summary>Reads <c>PORT</c>, <c>:PORT</c>, <c>HOST:PORT</c> or <c>[IPv6]:PORT</c>, or says what is wrong.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out EndpointAddress? address, [NotNullWhen(false)] out string? error)
    {
        var colon = text.LastIndexOf(':');
        var host = colon <= 0 ? null : text[..colon];
        address = null;
        error = null;
        if (!TryParsePort(text.AsSpan(colon + 1), out var port) || (host is not null && !TryParseHost(ref host)))
        {
            error = $"Address '{text}' is invalid: allowed are PORT, :PORT, HOST:PORT and [IPv6]:PORT with a port from "
                + "0 to 65535, such as ':8080' or '127.0.0.1:8080'.";
            return false;
        }

        address = new EndpointAddress(host, port);
        return true;
    }

    /// <summary><c>:8080</c>, <c>127.0.0.1:8080</c> or <c>[::1]:8080</c>.</summary>
    public override string ToString()
    {
        var host = Host?.Contains(':', StringComparison.Ordinal) == true ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
    }

    internal EndpointAddress WithPort(int port) => new(Host, port);

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort;

    private static bool TryParseHost(ref string host)
    {
        if (!host.StartsWith('['))
            return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4;

        if (!host.EndsWith(']'))
            return false;

        host = host[1..^1];
        return IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
    }
}
