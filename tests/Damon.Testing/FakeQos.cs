namespace Damon.Testing;

/// <summary>A pod's class, which decides under which control group it lies.</summary>
public enum FakeQos
{
    Guaranteed,
    Burstable,
    BestEffort,
}
