using CsCheck;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Tests.Safety;

public class ProtectionRulesTests
{
    private static readonly ProtectionRules Rules = new() { OwnPodUid = "self" };
    private static readonly ProtectionSubject Ordinary = new() { Namespace = "batch", PodUid = "a", QosClass = "Burstable" };

    private static readonly (ProtectionSubject Subject, Protection Expected)[] Cases =
    [
        (Ordinary, Protection.None),
        (Ordinary with { QosClass = "BestEffort" }, Protection.None),
        (Ordinary with { QosClass = "Guaranteed" }, Protection.ProtectedQoS),
        (Ordinary with { QosClass = "" }, Protection.ProtectedQoS),
        (Ordinary with { IsInitContainer = true }, Protection.InitContainer),
        (Ordinary with { Priority = 1_000_000_000 }, Protection.None),
        (Ordinary with { Priority = 1_000_000_001 }, Protection.ProtectedPriority),
        (Ordinary with { Priority = ProtectionRules.SystemClusterCritical }, Protection.ProtectedPriority),
        (Ordinary with { PriorityClassName = "system-node-critical" }, Protection.ProtectedPriority),
        (Ordinary with { IsStatic = true }, Protection.StaticPod),
        (Ordinary with { Namespace = "kube-system" }, Protection.ProtectedNamespace),
        (Ordinary with { PodUid = "self" }, Protection.Self),
        (Ordinary with { IsInPod = false }, Protection.NoPod),
        (Ordinary with { PodUid = "" }, Protection.NoPod),
        (Ordinary with { Labels = Label("damon.dev/opt-out", "true") }, Protection.OptedOut),
        (Ordinary with { Labels = Label("damon.dev/opt-out", "") }, Protection.OptedOut),
        (Ordinary with { Labels = Label("damon.dev/opt-out", "false") }, Protection.None),
        (Ordinary with { NamespaceLabels = Label("damon.dev/opt-out", "true") }, Protection.OptedOut),
        (Ordinary with { Labels = Label("damon.dev/opt-out", "false"), NamespaceLabels = Label("damon.dev/opt-out", "true") }, Protection.OptedOut),
    ];

    [Fact]
    public void Each_rule_forbids_what_it_names_and_nothing_else() => Cases.Should().AllSatisfy(pair => Rules.Judge(pair.Subject).Should().Be(pair.Expected, pair.Subject.ToString()));

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("true", null, true)]
    [InlineData(null, "true", true)]
    [InlineData("yes", null, false)]
    public void Where_the_configuration_asks_for_it_only_what_opted_in_is_touched(string? pod, string? ofNamespace, bool isTouched)
    {
        var subject = Ordinary with { Labels = Label("damon.dev/opt-in", pod), NamespaceLabels = Label("damon.dev/opt-in", ofNamespace) };
        (Rules with { RequiresOptIn = true }).Judge(subject).Should().Be(isTouched ? Protection.None : Protection.NotOptedIn);
        Rules.Judge(subject).Should().Be(Protection.None);
    }

    [Fact]
    public void No_rule_brings_back_what_another_took_away_and_opting_out_is_always_what_is_told() =>
        Gen.Select(Gen.Int[0, Cases.Length - 1], Gen.Int[0, Cases.Length - 1], Gen.Bool).Sample((one, other, optsIn) =>
        {
            var (first, second) = (Cases[one].Subject, Cases[other].Subject);
            var labels = first.Labels.Concat(second.Labels.Where(label => !first.Labels.ContainsKey(label.Key))).ToDictionary(label => label.Key, label => label.Value);
            if (optsIn)
            {
                labels["damon.dev/opt-in"] = "true";
            }

            var both = new ProtectionSubject
            {
                Namespace = first.Namespace == "batch" ? second.Namespace : first.Namespace,
                PodUid = first.PodUid == "a" ? second.PodUid : first.PodUid,
                QosClass = Cases[one].Expected == Protection.ProtectedQoS ? first.QosClass : second.QosClass,
                IsInPod = first.IsInPod && second.IsInPod,
                IsStatic = first.IsStatic || second.IsStatic,
                IsInitContainer = first.IsInitContainer || second.IsInitContainer,
                Priority = Math.Max(first.Priority, second.Priority),
                PriorityClassName = first.PriorityClassName.Length > 0 ? first.PriorityClassName : second.PriorityClassName,
                Labels = labels,
                NamespaceLabels = first.NamespaceLabels.Count > 0 ? first.NamespaceLabels : second.NamespaceLabels,
            };
            var verdict = Rules.Judge(both);
            var isRefused = Cases[one].Expected != Protection.None || Cases[other].Expected != Protection.None;
            if (isRefused && !(labels.GetValueOrDefault("damon.dev/opt-out") == "false"))
            {
                verdict.Should().NotBe(Protection.None);
            }

            if (both.NamespaceLabels.ContainsKey("damon.dev/opt-out") || labels.GetValueOrDefault("damon.dev/opt-out", "false") != "false")
            {
                verdict.Should().Be(Protection.OptedOut);
            }
        });

    private static Dictionary<string, string> Label(string name, string? value) => value is null ? [] : new() { [name] = value };
}
