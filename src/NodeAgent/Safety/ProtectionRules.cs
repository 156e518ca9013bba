namespace Damon.NodeAgent.Safety;

/// <summary>
/// Who is never touched. Each rule can only forbid: no rule, and no order of rules, brings back what another one took away. The label that opts out is evaluated last and is what is reported, because
/// it is what somebody said on purpose.
/// </summary>
internal sealed record ProtectionRules
{
    public const string OptOutLabel = "damon.dev/opt-out";

    public const string OptInLabel = "damon.dev/opt-in";

    /// <summary>system-cluster-critical has this priority; from <see cref="DefaultMaxPriority"/> on, system classes begin (1,000,000,000 is the highest that users may define).</summary>
    public const int SystemClusterCritical = 2_000_000_000;

    /// <summary>The highest priority that users may give a class.</summary>
    public const int DefaultMaxPriority = 1_000_000_000;

    public IReadOnlySet<string> ProtectedNamespaces { get; init; } = new HashSet<string>(StringComparer.Ordinal) { "kube-system", "kube-node-lease", "kube-public" };

    /// <summary>Pods above it are left alone.</summary>
    public int MaxPriority { get; init; } = DefaultMaxPriority;

    /// <summary>Whether only what has the label damon.dev/opt-in is touched.</summary>
    public bool RequiresOptIn { get; init; }

    /// <summary>The agent's own pod; empty outside a pod.</summary>
    public string OwnPodUid { get; init; } = "";

    /// <summary>Judges a container.</summary>
    /// <param name="subject">The container and its pod.</param>
    /// <returns>Why it is not touched; <see cref="Protection.ProtectedQoS"/> alone still allows that it is observed.</returns>
    public Protection Judge(ProtectionSubject subject)
    {
        var verdict = Protection.None;
        if (subject.QosClass is not ("Burstable" or "BestEffort"))
        {
            // A class that is not known is taken for the most protected one.
            verdict = Protection.ProtectedQoS;
        }

        if (RequiresOptIn && !IsTrue(subject.Labels, OptInLabel) && !IsTrue(subject.NamespaceLabels, OptInLabel))
        {
            verdict = Protection.NotOptedIn;
        }

        verdict = subject.IsInitContainer ? Protection.InitContainer : verdict;
        verdict = subject.Priority > MaxPriority || subject.PriorityClassName is "system-cluster-critical" or "system-node-critical" ? Protection.ProtectedPriority : verdict;
        verdict = subject.IsStatic ? Protection.StaticPod : verdict;
        verdict = ProtectedNamespaces.Contains(subject.Namespace) ? Protection.ProtectedNamespace : verdict;
        verdict = OwnPodUid.Length > 0 && subject.PodUid == OwnPodUid ? Protection.Self : verdict;
        verdict = !subject.IsInPod || subject.PodUid.Length == 0 ? Protection.NoPod : verdict;
        return IsOptedOut(subject) ? Protection.OptedOut : verdict;
    }

    /// <summary>Any value but "false" opts out: who wrote "yes" or "1" meant it, and a label without a value says so too.</summary>
    private static bool IsOptedOut(ProtectionSubject subject) => Refuses(subject.Labels) || Refuses(subject.NamespaceLabels);

    private static bool Refuses(IReadOnlyDictionary<string, string> labels) => labels.TryGetValue(OptOutLabel, out var value) && value != "false";

    private static bool IsTrue(IReadOnlyDictionary<string, string> labels, string label) => labels.TryGetValue(label, out var value) && value == "true";
}
