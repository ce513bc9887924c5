namespace NpuFeatureDiscovery.Grpc.Tests.Interop;

/// <summary>Against gRPC in JavaScript, which shares no code with the C core.</summary>
public sealed class NodeTests() : PeerTests(new NodePeer());
