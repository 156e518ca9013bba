namespace Damon.Engine.KernelDamon;

/// <summary>What a <see cref="KernelSensor"/> does.</summary>
public enum SensorState
{
    /// <summary>There is no process to sense, and no kdamond runs.</summary>
    Idle,

    /// <summary>The kernel senses.</summary>
    Sensing,

    /// <summary>It could not be started, or has ended; it is tried again after a while.</summary>
    Waiting,

    /// <summary>It is not tried any more: the message says why.</summary>
    Lost,
}
