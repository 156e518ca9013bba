namespace Damon.Testing;

/// <summary>The runtime that makes containers' control groups.</summary>
public enum FakeContainerRuntime
{
    Containerd,
    CriO,
    Docker,
}
