using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Lab.Guest.Privileges;

/// <summary><c>notice PID ADDRESS…</c>: what the engine makes of rights that are missing, in particular where the kernel says nothing. A line each: what, how it ended, why.</summary>
internal static class NoticeRunner
{
    public const string Verb = "notice";
    public const string Open = "open";
    public const string Filter = "filter";
    public const string PageoutFile = "page out a file";
    public const string MarkIdle = "mark idle";

    public static async Task RunAsync(HostRoot host, IReadOnlyList<string> arguments, TextWriter output, TimeProvider time)
    {
        var held = HeldMemory.Parse([.. arguments.Skip(1)]);
        if (!ProcessTree.Identify(host, int.Parse(arguments[0])).TryGet(out var process))
            throw new InvalidOperationException("the process is not there");
        foreach (var (what, outcome, why) in Look(host, process, held, time))
            await output.WriteLineAsync($"{what}\t{outcome}\t{why}");
        await output.FlushAsync();
    }

    private static IEnumerable<(string What, string Outcome, string Why)> Look(HostRoot host, ProcessIdentity process, HeldMemory held, TimeProvider time)
    {
        var opened = TargetActor.Open(host, process, time);
        yield return (Open, opened.Error.Kind.ToString(), opened.Error.ToString());
        if (opened.TryGet(out var actor))
        {
            using (actor)
            {
                var anonymous = new AddressRange(held.Anonymous, held.Anonymous + HeldMemory.StretchBytes);
                var filters = new PageFilters([new SchemeFilter(SchemeFilterType.Active, Matching: true, Allow: true)]);
                yield return (Filter, actor.Measure(SchemeAction.Stat, anonymous, ulong.MaxValue, out _, filters).ToString(), actor.LastError);
                var result = actor.Apply(SchemeAction.Pageout, [new AddressRange(held.SecondFile, held.SecondFile + HeldMemory.StretchBytes)]);
                yield return (PageoutFile, result.Outcome.ToString(), actor.LastError);
            }
        }

        var probed = IdlePageProbe.Open(host, process);
        if (!probed.TryGet(out var probe))
        {
            yield return (MarkIdle, probed.Error.Kind.ToString(), probed.Error.ToString());
            yield break;
        }

        using (probe)
            yield return (MarkIdle, probe.Prepare([held.Anonymous]).ToString(), probe.LastError);
    }
}
