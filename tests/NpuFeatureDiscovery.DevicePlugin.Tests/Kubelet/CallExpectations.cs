using NpuFeatureDiscovery.Grpc;
using NUnit.Framework.Constraints;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

internal static class CallExpectations
{
    /// <summary>Waits for the call to fail with this status and such a message.</summary>
    public static async Task ExpectAsync(this Task call, GrpcStatusCode statusCode, IResolveConstraint message)
    {
        try
        {
            await call;
        }
        catch (GrpcException exception)
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(exception.StatusCode, Is.EqualTo(statusCode), exception.ToString());
                Assert.That(exception.Message, message);
            }

            return;
        }

        Assert.Fail($"The call succeeded, where {statusCode} was expected.");
    }
}
