namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class UnitIdTests
{
    private const string Uuid = "A76AAD68-6855-40B1-9E86-D080852D1C84";

    [TestCase(Uuid, Uuid, null, null)]
    [TestCase(Uuid + "_cores_0", Uuid, 0, 0)]
    [TestCase(Uuid + "_cores_4-7", Uuid, 4, 7)]
    [TestCase("0000:6d:00.0_cores_1", "0000:6d:00.0", 1, 1)]
    public void An_id_names_a_card_and_perhaps_cores_of_it(string text, string device, int? start, int? end)
    {
        var isId = UnitId.TryParse(text, out var id);

        Assert.That(isId, Is.True);
        Assert.That(id, Is.EqualTo(new UnitId(device, start is null ? null : new CoreRange(start.Value, end!.Value))));
        Assert.That(id?.ToString(), Is.EqualTo(text));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("_cores_0")]
    [TestCase(Uuid + "_cores_")]
    [TestCase(Uuid + "_cores_x")]
    [TestCase(Uuid + "_cores_-1")]
    [TestCase(Uuid + "_cores_01")]
    [TestCase(Uuid + "_cores_256")]
    [TestCase(Uuid + "_cores_1-1")]
    [TestCase(Uuid + "_cores_1-0")]
    [TestCase(Uuid + "_cores_0-")]
    [TestCase(Uuid + "_cores_0-1-2")]
    public void Other_text_is_no_id(string? text) => Assert.That(UnitId.TryParse(text, out _), Is.False);
}
