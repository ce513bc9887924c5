using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;

namespace NpuFeatureDiscovery.Grpc.Tests;

public sealed class ReadmeTests
{
    [Test]
    public void The_code_of_the_README_compiles()
    {
        var code = File.ReadLines(ThisFolder("../../src/NpuFeatureDiscovery.Grpc/README.md"))
            .SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```")
            .Where(line => line.Length > 0 && !(line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=')));

        Assert.That(code.Select(line => line.Trim()),
            Is.Not.Empty.And.SubsetOf(File.ReadLines(ThisFolder("ReadmeTests.cs")).Select(line => line.Trim())));
    }

    internal static async Task GreetAsync()
    {
        var options = new GrpcServerOptions { SocketPath = "/tmp/greeter.sock" };
        await using var server = new GrpcServer(options, TimeProvider.System, NullLoggerFactory.Instance);
        server.AddUnary<StringValue, StringValue>("/example.Greeter/Greet", StringValue.Parser, (name, call) =>
            Task.FromResult(new StringValue { Value = $"Hello, {name.Value}" }));
        await server.StartAsync(CancellationToken.None);

        using var channel = new GrpcChannel(options.SocketPath, TimeProvider.System);
        var greeting = await channel.UnaryAsync(
            "/example.Greeter/Greet", new StringValue { Value = "you" }, StringValue.Parser, TimeSpan.FromSeconds(5));
        Console.WriteLine(greeting.Value);
    }

    private static string ThisFolder(string file, [CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, file);
}
