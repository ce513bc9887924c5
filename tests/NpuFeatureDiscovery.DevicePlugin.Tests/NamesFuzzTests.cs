using System.Text;
using NpuFeatureDiscovery.DevicePlugin.Cdi;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests;

/// <summary>Names of resources, CDI kinds and sockets, as options and files give them.</summary>
public sealed class NamesFuzzTests
{
    private static readonly FuzzTarget Target = new("names")
    {
        Samples =
        [
            .. new[] { "beta.furiosa.ai/npu", "beta.furiosa.ai/{family}-{product}", "vendor.com/class", "furiosa-{pod}", "npu0:0-1" }
                .Select(Encoding.UTF8.GetBytes),
        ],
        Words = ["{family}", "{product}", "{pod}", "requests.", "kubernetes.io/", "a.", "a/"],
        BytesPerByte = 100,
    };

    [Test]
    public void Whatever_a_name_is_it_is_legal_or_the_reason_is_told() => Fuzz.Check(Target, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        CheckError(ResourceName.Error(text), text.Length <= 317);
        CheckError(ResourceNameTemplate.Error(text), true);
        CheckError(CdiName.KindError(text), text.Length <= 317);
        CheckError(CdiName.DeviceError(text), text.Length > 0);
        CheckError(SocketNameTemplate.Error(text, "4bd7dd77-2e6e-4a4b-9b6d-16c86c7f3d8c"), true);
        CheckError(SocketNameTemplate.Error("furiosa-{pod}", text), text.Length is 32 or 36);
    });

    private static void CheckError(string? error, bool mayBeLegal) =>
        Fuzz.Require(error is null ? mayBeLegal : error.EndsWith('.'), $"'{error}'");
}
