using System.Text.Json;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Programs;

/// <summary>A <c>damonctl run</c> that lets the kernel sense, as the events that it prints.</summary>
internal sealed class KernelRun
{
    private const string SchemePath = "/tmp/lab-cold-scheme.yaml";

    /// <summary>Counts what was not accessed for two seconds.</summary>
    private const string Scheme =
        """
        apiVersion: damon.dev/v1alpha1
        kind: DamonScheme
        metadata: {name: cold}
        spec:
          target: {kind: Pods, podSelector: {}}
          pattern: {accessRate: {max: "0%"}, age: {min: 2s}}
          action: {type: Stat}

        """;

    private readonly LabContext _context;
    private readonly GuestProgram _program;
    private readonly List<JsonElement> _events = [];

    /// <summary>A line that a wait was given up for comes to the next one.</summary>
    private Task<string?>? _reading;

    private KernelRun(LabContext context, GuestProgram program) => (_context, _program) = (context, program);

    public int Id => _program.Id;

    public bool HasEnded => _program.HasEnded;

    /// <summary>All events so far.</summary>
    public IReadOnlyList<JsonElement> Events => _events;

    /// <summary>What it said beside its reports, so far.</summary>
    public IReadOnlyList<string> Notices => [.. _events.Where(one => TypeOf(one) == "notice").Select(one => one.GetProperty("message").GetString()!)];

    public static KernelRun Start(LabContext context, string group, params IEnumerable<string> options)
    {
        GuestFiles.Write(context.Host, SchemePath, Scheme);
        return new KernelRun(context, context.Start(null, "damonctl", ["run", "-f", SchemePath, "--cgroup", group, "--backend", "Kernel", "--cpu-ceiling", "50%", "-o", "json", .. options]));
    }

    /// <summary>Runs one to its end.</summary>
    public static async Task<KernelRunResult> RunAsync(LabContext context, string group, params IEnumerable<string> options) => await Start(context, group, options).EndAsync();

    public static string TypeOf(JsonElement one) => one.GetProperty("type").GetString()!;

    public static bool IsAggregation(JsonElement one) => TypeOf(one) == "aggregation";

    public static bool IsNotice(JsonElement one, string part) => TypeOf(one) == "notice" && one.GetProperty("message").GetString()!.Contains(part, StringComparison.Ordinal);

    public static int KdamondOf(JsonElement one) => one.GetProperty("kdamondPid").GetInt32();

    public static IReadOnlyList<int> TargetsOf(JsonElement one) => [.. one.GetProperty("targets").EnumerateArray().Select(target => target.GetProperty("pid").GetInt32()).Order()];

    public static ulong MatchedNowBytes(JsonElement one) => one.GetProperty("schemes")[0].GetProperty("matchedNowBytes").GetUInt64();

    /// <summary>Waits for an event.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="within">The longest to wait.</param>
    /// <param name="isIt">Whether an event is it; those before this call are not asked.</param>
    public async Task<JsonElement> NextAsync(string what, TimeSpan within, Func<JsonElement, bool> isIt)
    {
        using var deadline = new CancellationTokenSource(within, _context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _context.Cancellation);
        try
        {
            while (await ReadAsync(either.Token) is { } one)
            {
                if (isIt(one))
                    return one;
            }
        }
        catch (OperationCanceledException late)
        {
            throw new ExpectationException($"{what}: not within {within.TotalSeconds} s; last seen: {Tail()}", late);
        }

        throw new ExpectationException($"{what}: the run has ended ({await _program.ErrorsAsync(_context.Cancellation)}); last seen: {Tail()}");
    }

    /// <summary>Waits until it senses and has reported so many times.</summary>
    public async Task<JsonElement> SensingAsync(TimeSpan within, int reports = 1)
    {
        JsonElement last = default;
        for (var i = 0; i < reports; i++)
            last = await NextAsync("a report", within, IsAggregation);
        return last;
    }

    /// <summary>Sends it a signal.</summary>
    public async Task SignalAsync(string signal) => Expect.Equal($"kill -{signal}", 0, (await _context.RunAsync("/bin/kill", $"-{signal}", $"{Id}")).ExitCode);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _program.KillAsync();

    /// <summary>Ends it as Ctrl-C does.</summary>
    public async Task<KernelRunResult> InterruptAsync()
    {
        await SignalAsync("INT");
        return await EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<KernelRunResult> EndAsync()
    {
        while (await ReadAsync(_context.Cancellation) is not null)
        {
            // Kept in the list.
        }

        var ended = await _program.EndAsync(_context.Cancellation);
        return new KernelRunResult(ended.ExitCode, ended.Errors, _events);
    }

    private async Task<JsonElement?> ReadAsync(CancellationToken cancellation)
    {
        _reading ??= _program.ReadLineAsync(CancellationToken.None);
        var line = await _reading.WaitAsync(cancellation);
        _reading = null;
        if (line is null)
            return null;
        using var told = JsonDocument.Parse(line);
        _events.Add(told.RootElement.Clone());
        return _events[^1];
    }

    private string Tail() => string.Join(" ", _events.TakeLast(3).Select(one => one.GetRawText()));
}
