namespace Damon.Kubernetes.Events;

/// <summary>Who reports, and how much.</summary>
/// <param name="Controller">As <c>damon.dev/agent</c>: a qualified name.</param>
/// <param name="Instance">This process: a pod's or a node's name.</param>
public sealed record EventRecorderOptions(string Controller, string Instance)
{
    /// <summary>Where events about objects without a namespace go. Servers before 1.22 take only <c>kube-system</c>.</summary>
    public string NamespaceOfClusterScoped { get; init; } = "default";

    /// <summary>A series of the same event is written at most this often, and once more when it ends.</summary>
    public TimeSpan SeriesInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After so long without another one a series is over: the next is an event of its own.</summary>
    public TimeSpan SeriesEnd { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>New events about one object that may come at once.</summary>
    public int BurstPerObject { get; init; } = 25;

    /// <summary>New events about one object in the long run.</summary>
    public double PerSecondPerObject { get; init; } = 1.0 / 300;

    /// <summary>Requests that may come at once.</summary>
    public int Burst { get; init; } = 25;

    /// <summary>Requests in the long run.</summary>
    public double PerSecond { get; init; } = 1;

    /// <summary>Events that wait to be written; more are counted and dropped.</summary>
    public int Backlog { get; init; } = 1000;

    /// <summary>Attempts to write one.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>How long a stop goes on writing what waits.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);
}
