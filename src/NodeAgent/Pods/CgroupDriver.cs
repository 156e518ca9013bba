namespace Damon.NodeAgent.Pods;

/// <summary>Who makes the control groups of pods, which decides how they are named (the kubelet's cgroupDriver).</summary>
internal enum CgroupDriver
{
    /// <summary>The kubelet and the runtime make plain folders.</summary>
    Cgroupfs,

    /// <summary>systemd makes slices and scopes; a slice's name repeats those of all slices above it.</summary>
    Systemd,
}
