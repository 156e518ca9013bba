using System.Text.Json;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.Cli.Simulate;

/// <summary>What all schemes of a simulation did together, the same for a workload and for a recording.</summary>
/// <param name="Session">The session that ran.</param>
/// <param name="AverageAwayBytes">Bytes out of memory, averaged over the run.</param>
/// <param name="ReturnedBytes">Bytes that really left and were then accessed, where the simulated memory knows.</param>
internal readonly record struct SchemeTotals(MonitoringSession Session, double AverageAwayBytes, ulong ReturnedBytes)
{
    /// <summary>Truth where pages really left; what Observe saw in its samples where they only would have.</summary>
    public ulong FalsePositiveBytes =>
        Session.Schemes.Where(s => s.Description.Mode == SchemeMode.Observe).Aggregate(ReturnedBytes, (sum, s) => sum + s.Statistics.RefaultBytes);

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteNumber("matchedBytes", Sum(s => s.MatchedBytes));
        json.WriteNumber("advisedBytes", Sum(s => s.AdvisedBytes));
        json.WriteNumber("appliedBytes", Sum(s => s.AppliedBytes));
        json.WriteNumber("averageAwayBytes", (ulong)AverageAwayBytes);
        json.WriteNumber("falsePositiveBytes", FalsePositiveBytes);
    }

    public void WriteText(TextWriter to)
    {
        to.WriteLine($"  out of memory on average {Format.Bytes((ulong)AverageAwayBytes)}, accessed afterwards {Format.Bytes(FalsePositiveBytes)}");
        to.WriteLine();
    }

    private ulong Sum(Func<SchemeStatistics, ulong> of) => Session.Schemes.Aggregate(0UL, (sum, scheme) => sum + of(scheme.Statistics));
}
