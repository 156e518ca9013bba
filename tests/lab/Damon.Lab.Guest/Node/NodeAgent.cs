using System.Globalization;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Node;

/// <summary>A <c>damonctl run</c> of one scheme of a node.</summary>
internal sealed class NodeAgent
{
    private const string SchemeFile = "/tmp/node.yaml";
    private readonly LabContext _context;
    private readonly GuestProgram _program;
    private readonly Task _reading;
    private readonly List<NodeReport> _reports = [];

    private NodeAgent(LabContext context, GuestProgram program)
    {
        (_context, _program) = (context, program);
        _reading = Task.Run(ReadAsync, CancellationToken.None);
    }

    public int Id => _program.Id;

    public bool HasEnded => _program.HasEnded;

    /// <summary>The latest report.</summary>
    public NodeReport Last => Reports.LastOrDefault(NodeReport.Nothing);

    /// <summary>One a round, the oldest first.</summary>
    public IReadOnlyList<NodeReport> Reports
    {
        get
        {
            lock (_reports)
                return [.. _reports];
        }
    }

    /// <summary>A scheme as it stands in a file.</summary>
    /// <param name="action">What it does.</param>
    /// <param name="spec">The rest of its <c>spec</c>, one line each.</param>
    public static string Scheme(string action, params IEnumerable<string> spec) => string.Join('\n', (string[])
    [
        "apiVersion: damon.dev/v1alpha1",
        "kind: DamonScheme",
        "metadata: {name: node}",
        "spec:",
        "  mode: Enforce",
        "  target: {kind: Node}",
        $"  action: {{type: {action}}}",
        .. spec.Select(line => $"  {line}"),
        "",
    ]);

    /// <summary>Starts it on control groups, when the pressure from before has gone.</summary>
    public static async Task<NodeAgent> StartAsync(LabContext context, string scheme, IEnumerable<string> groups, params IEnumerable<string> options)
    {
        await context.UntilCalmAsync();
        GuestFiles.WriteNew(context.Host, SchemeFile, scheme);
        string[] arguments = ["run", "-f", SchemeFile, "-o", "json", "--node-targets", "--floor", "1Mi", .. groups.SelectMany(group => (string[])["--cgroup", group]), .. ModulesOff(context), .. options];
        return new NodeAgent(context, context.Start(group: null, "damonctl", arguments));
    }

    /// <summary>Waits for a report that is as wanted. Fails at once where the run has ended.</summary>
    public Task<NodeReport> UntilAsync(string what, TimeSpan within, Func<NodeReport, bool> done) => UntilAsync(what, within, () => Last, done);

    /// <summary>Waits for something outside to be as wanted, and fails where the run has ended before.</summary>
    public async Task<T> UntilAsync<T>(string what, TimeSpan within, Func<T> look, Func<T, bool> done)
    {
        try
        {
            return await _context.UntilAsync(
                what,
                within,
                look,
                seen => done(seen) || (HasEnded && !done(look()) ? throw new ExpectationException($"{what}: the run has ended with {Last}") : false));
        }
        catch (ExpectationException failure)
        {
            var errors = HasEnded ? await _program.ErrorsAsync(_context.Cancellation) : "";
            throw new ExpectationException($"{failure.Message}; the latest report: {Last}; {errors}", failure);
        }
    }

    /// <summary>Tells it to end, as a service manager does, and waits.</summary>
    public async Task<GuestProgramResult> EndAsync(string signal = "TERM")
    {
        await _context.RunAsync("/bin/kill", $"-{signal}", Id.ToString(CultureInfo.InvariantCulture));
        return await EndedAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<GuestProgramResult> EndedAsync()
    {
        await _reading.WaitAsync(_context.Cancellation);
        return await _program.EndAsync(_context.Cancellation);
    }

    /// <summary>SIGKILL: nothing is taken back and nobody is told.</summary>
    public Task KillAsync() => _program.KillAsync();

    private static IEnumerable<string> ModulesOff(LabContext context) => context.Host.Exists("/sys/module/damon_stat") ? ["--allow-module-off", "damon_stat"] : [];

    private async Task ReadAsync()
    {
        while (await _program.ReadLineAsync(CancellationToken.None) is { } line)
        {
            var report = NodeReport.Parse(line);
            lock (_reports)
                _reports.Add(report);
        }
    }
}
