using NpuFeatureDiscovery.Labels.Nfd;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>A case for each known version of NFD from one to another, with arguments behind the version.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class VersionsAttribute(string first, string last, params object[] arguments) : NUnitAttribute, ITestBuilder, IImplyFixture
{
    public IEnumerable<TestMethod> BuildFrom(IMethodInfo method, Test? suite) => NfdVersion.Known
        .Where(version => version.Minor >= NfdVersion.Parse(first).Minor && version.Minor <= NfdVersion.Parse(last).Minor)
        .Select(version => new NUnitTestCaseBuilder().BuildTestMethod(
            method, suite, new TestCaseParameters([version.ToString(), .. arguments])));
}
