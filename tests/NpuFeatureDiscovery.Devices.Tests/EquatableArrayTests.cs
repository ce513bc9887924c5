namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class EquatableArrayTests
{
    [Test]
    public void Lists_of_equal_elements_are_equal()
    {
        EquatableArray<string> one = ["a", "b"];
        EquatableArray<string> same = ["a", "b"];
        EquatableArray<string> other = ["b", "a"];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(one.Equals(same), Is.True);
            Assert.That(one.GetHashCode(), Is.EqualTo(same.GetHashCode()));
            Assert.That(one.Equals(other), Is.False);
        }
    }
}
