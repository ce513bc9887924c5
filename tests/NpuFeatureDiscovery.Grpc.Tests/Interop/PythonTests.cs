namespace NpuFeatureDiscovery.Grpc.Tests.Interop;

/// <summary>Against gRPC's own C core, through Python.</summary>
public sealed class PythonTests() : PeerTests(new PythonPeer());
