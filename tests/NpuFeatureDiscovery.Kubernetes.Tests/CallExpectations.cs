using System.Net;
using NUnit.Framework.Constraints;

namespace NpuFeatureDiscovery.Kubernetes.Tests;

internal static class CallExpectations
{
    /// <summary>Waits for a call to fail with this status, or without an answer, and with such a message.</summary>
    public static async Task<KubernetesException> ExpectAsync(this Task call, HttpStatusCode? statusCode, IResolveConstraint message)
    {
        try
        {
            await call;
        }
        catch (KubernetesException exception)
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(exception.StatusCode, Is.EqualTo(statusCode), exception.ToString());
                Assert.That(exception.Message, message);
            }

            return exception;
        }

        throw new AssertionException($"The call succeeded, where {statusCode?.ToString() ?? "no answer"} was expected.");
    }
}
