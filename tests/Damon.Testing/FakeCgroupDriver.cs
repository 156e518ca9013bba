namespace Damon.Testing;

/// <summary>The kubelet's cgroupDriver.</summary>
public enum FakeCgroupDriver
{
    Systemd,
    Cgroupfs,
}
