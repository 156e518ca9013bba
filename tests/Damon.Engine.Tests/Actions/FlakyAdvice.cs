using Damon.Engine.Actions;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Actions;

/// <summary>The native call, answering from a script: a positive number is bytes done, a negative one an errno, null everything asked for.</summary>
internal sealed class FlakyAdvice(params long?[] script) : IProcessMemoryAdvice
{
    private int _calls;

    public List<AddressRange[]> Calls { get; } = [];

    public List<int> Advice { get; } = [];

    /// <summary>What the advice does to the fake process.</summary>
    public Action<AddressRange> Effect { get; init; } = _ => { };

    public bool IsDisposed { get; private set; }

    public long Advise(ReadOnlySpan<AddressRange> ranges, int advice)
    {
        Calls.Add(ranges.ToArray());
        Advice.Add(advice);
        var total = ranges.ToArray().Aggregate(0L, (sum, range) => sum + (long)range.SizeBytes);
        var result = (_calls < script.Length ? script[_calls] : null) ?? total;
        _calls++;
        var left = result;
        foreach (var range in ranges)
        {
            var done = Math.Min(left, (long)range.SizeBytes);
            if (done > 0)
            {
                Effect(range with { End = range.Start + (ulong)done });
                left -= done;
            }
        }

        return result;
    }

    public void Dispose() => IsDisposed = true;
}
