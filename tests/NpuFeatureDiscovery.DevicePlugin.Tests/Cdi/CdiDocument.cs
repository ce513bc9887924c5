using System.Text.Json;
using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Cdi;

/// <summary>
/// A CDI specification as a runtime reads it: by the schema of version 0.3.0 and the later fields, each with the version that has it.
/// What is not in it is refused, as runtimes do.
/// </summary>
internal sealed partial class CdiDocument
{
    private static readonly Version[] Released =
        [.. new[] { "0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0" }.Select(Version.Parse)];

    private Version _lowest = Released[0];

    private CdiDocument(JsonElement root)
    {
        var fields = Fields(root, required: ["cdiVersion", "kind", "devices"]);
        CdiVersion = Text(fields["cdiVersion"]);
        Kind = Text(fields["kind"]);
        Check(KindRule().IsMatch(Kind), $"'{Kind}' is no kind.");
        if (Kind[Kind.IndexOf('/')..].Contains('.'))
            Needs("0.6.0");

        Devices = [.. fields["devices"].EnumerateArray().Select(ReadDevice)];
        Check(Devices.Count > 0, "There is no device.");
        Check(Devices.Select(device => device.Name).Distinct().Count() == Devices.Count, "Two devices have one name.");
        Check(Released.Contains(Version.Parse(CdiVersion)), $"There is no version {CdiVersion}.");
        Check(Version.Parse(CdiVersion) == _lowest, $"Version {CdiVersion} is not the lowest that fits, {_lowest}.");
    }

    public string CdiVersion { get; }

    public string Kind { get; }

    public IReadOnlyList<Device> Devices { get; }

    public static CdiDocument Read(string path) => Parse(File.ReadAllBytes(path));

    public static CdiDocument Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return new CdiDocument(document.RootElement);
    }

    /// <summary>The paths that a container gets with a device.</summary>
    public IEnumerable<string> PathsOf(string device) => Devices.Single(known => known.Name == device).Nodes.Select(node => node.Path);

    private Device ReadDevice(JsonElement element)
    {
        var fields = Fields(element, required: ["name", "containerEdits"]);
        var name = Text(fields["name"]);
        Check(DeviceRule().IsMatch(name), $"'{name}' is no name of a device.");
        if (char.IsAsciiDigit(name[0]))
            Needs("0.5.0");

        var edits = Fields(fields["containerEdits"], required: ["deviceNodes"]);
        Node[] nodes = [.. edits["deviceNodes"].EnumerateArray().Select(ReadNode)];
        Check(nodes.Length > 0, $"'{name}' changes nothing of a container.");
        return new Device(name, nodes);
    }

    private Node ReadNode(JsonElement element)
    {
        var fields = Fields(element, required: ["path"], optional: ["hostPath", "permissions"]);
        var path = Text(fields["path"]);
        Check(path.StartsWith('/'), $"'{path}' is not absolute.");
        var permissions = fields.TryGetValue("permissions", out var letters) ? Text(letters) : "rwm";
        Check(permissions.Length > 0 && permissions.Trim('r', 'w', 'm').Length == 0, $"'{permissions}' are no permissions.");
        if (!fields.TryGetValue("hostPath", out var hostPath))
            return new Node(path, path, permissions);

        Needs("0.5.0");
        Check(Text(hostPath) != path, $"'{path}' is there twice.");
        return new Node(path, Text(hostPath), permissions);
    }

    private void Needs(string version)
    {
        if (Version.Parse(version) > _lowest)
            _lowest = Version.Parse(version);
    }

    private static Dictionary<string, JsonElement> Fields(JsonElement element, string[] required, params string[] optional)
    {
        var fields = element.EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        Check(required.All(fields.ContainsKey), $"One of {string.Join(", ", required)} is missing.");
        Check(fields.Keys.All(name => required.Contains(name) || optional.Contains(name)), $"One of {string.Join(", ", fields.Keys)} is unknown.");
        return fields;
    }

    private static string Text(JsonElement element) => element.GetString()!;

    private static void Check(bool isRight, string mistake) => Assert.That(isRight, mistake);

    [GeneratedRegex(@"\A(?=.{1,253}/)[A-Za-z]([A-Za-z0-9._-]*[A-Za-z0-9])?/(?=.{1,63}\z)[A-Za-z]([A-Za-z0-9._-]*[A-Za-z0-9])?\z")]
    private static partial Regex KindRule();

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?\z")]
    private static partial Regex DeviceRule();

    internal sealed record Device(string Name, IReadOnlyList<Node> Nodes);

    internal sealed record Node(string Path, string HostPath, string Permissions);
}
