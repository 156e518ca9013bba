using System.Globalization;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;
using Damon.Testing;

namespace Damon.Lab.Guest.Node;

/// <summary>An agent's loop in a process of its own (<see cref="LoopRunner"/>), with one scheme of the node.</summary>
internal sealed class LoopAgent
{
    private const string PlanFile = "/tmp/loop-plan.json";
    private const string ConfigFile = "/tmp/loop-config.json";
    private readonly LabContext _context;
    private readonly GuestProgram _program;
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private readonly List<string> _told = [];
    private string _scheme = "";

    private LoopAgent(LabContext context, GuestProgram program)
    {
        (_context, _program) = (context, program);
        _reading = Task.Run(ReadAsync, CancellationToken.None);
    }

    /// <summary>How the scheme was told to be last; nothing before.</summary>
    public string Scheme
    {
        get
        {
            lock (_gate)
                return _scheme;
        }
    }

    /// <summary>Everything else that it said.</summary>
    public string Told
    {
        get
        {
            lock (_gate)
                return string.Join("; ", _told);
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="context">The test.</param>
    /// <param name="spec">The scheme's spec, as JSON.</param>
    /// <param name="groups">The containers' groups; behind a minus sign those of pods that have opted out.</param>
    public static async Task<LoopAgent> StartAsync(LabContext context, string spec, params IReadOnlyList<string> groups)
    {
        GuestFiles.WriteText(context.Host, PlanFile, $$$"""
            {"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode","metadata":{"name":"lab","generation":1},"spec":{"mode":"Enforce","schemes":[
            {{{new PlanEntry("node", spec) { Hash = "h" }.Json}}}] } }
            """);

        // Emulated reclaim is slow enough to be pressure; that rails hold is tested elsewhere.
        GuestFiles.WriteText(context.Host, ConfigFile, """
            {"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{"mode":"Enforce","nodeTargets":true,"ceilings":{"agentCpu":"100%"},
            "safety":{"startGrace":"0s","floors":{"requestShare":"0%","size":"1Mi"},"refaults":{"share":"100%","promotionsPerMinute":"100%"},
            "pressure":{"memoryAvg10":"100%","memoryAvg60":"100%","ioAvg10":"100%","calm":"0s"},"emergency":{"memoryFullAvg10":"100%","coolDown":"1s"} } } }
            """);
        var agent = new LoopAgent(context, context.Start(group: null, "/lab/bin/damon-lab-guest", [LoopRunner.Verb, PlanFile, ConfigFile, .. groups]));
        await agent.UntilAsync("it tells of its scheme", TimeSpan.FromSeconds(30), () => agent.Scheme, scheme => scheme.Length > 0);
        return agent;
    }

    /// <summary>Waits for something to be as wanted, and fails where the agent has ended before.</summary>
    public async Task<T> UntilAsync<T>(string what, TimeSpan within, Func<T> look, Func<T, bool> done)
    {
        try
        {
            return await _context.UntilAsync(what, within, look, seen => done(seen) || (_program.HasEnded ? throw new ExpectationException($"{what}: the agent has ended") : false));
        }
        catch (ExpectationException failure)
        {
            var errors = _program.HasEnded ? await _program.ErrorsAsync(_context.Cancellation) : "";
            throw new ExpectationException($"{failure.Message}; the scheme: {Scheme}; told: {Told}; {errors}", failure);
        }
    }

    /// <summary>SIGKILL: nothing is taken back and nobody is told.</summary>
    public Task KillAsync() => _program.KillAsync();

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task<GuestProgramResult> EndAsync()
    {
        await _context.RunAsync("/bin/kill", "-TERM", _program.Id.ToString(CultureInfo.InvariantCulture));
        await _reading.WaitAsync(_context.Cancellation);
        return await _program.EndAsync(_context.Cancellation);
    }

    private async Task ReadAsync()
    {
        while (await _program.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (_gate)
            {
                if (line.StartsWith("scheme\t", StringComparison.Ordinal))
                    _scheme = line;
                else
                    _told.Add(line);
            }
        }
    }
}
