using System.Text.Json;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>A running <c>damonctl run</c> and all that it has said so far. It is the published program, with the backend that the machine is there for.</summary>
internal sealed class AgentRun
{
    private readonly LabContext _context;
    private readonly GuestProgram _program;
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonElement> _latest = [];

    private AgentRun(LabContext context, GuestProgram program)
    {
        _context = context;
        _program = program;
        _reading = Task.Run(ReadAsync, CancellationToken.None);
    }

    /// <summary>Its process.</summary>
    public int Id => _program.Id;

    public bool HasEnded => _program.HasEnded;

    /// <summary>What a machine's pods are sensed with: by the kernel, unless the machine is there for the bitmap of idle pages.</summary>
    public static string BackendOf(LabMachine machine) => machine.Facts.HasIdlePageBitmap ? "IdlePage" : "Kernel";

    /// <summary>Starts it and waits until it senses.</summary>
    /// <param name="context">The test.</param>
    /// <param name="cgroups">What it is to look at.</param>
    /// <param name="scheme">What it is to do.</param>
    /// <param name="options">Further options.</param>
    public static Task<AgentRun> StartAsync(LabContext context, IReadOnlyList<string> cgroups, PodScheme scheme, params IReadOnlyList<string> options) => StartAsync(context, cgroups, scheme, options, []);

    /// <summary>As the other one, under another program.</summary>
    /// <param name="context">The test.</param>
    /// <param name="cgroups">What it is to look at.</param>
    /// <param name="scheme">What it is to do.</param>
    /// <param name="options">Further options.</param>
    /// <param name="launcher">A program and its arguments, which becomes the program whose path and arguments follow; nothing for none.</param>
    public static async Task<AgentRun> StartAsync(LabContext context, IReadOnlyList<string> cgroups, PodScheme scheme, IReadOnlyList<string> options, IReadOnlyList<string> launcher)
    {
        const string SchemeFile = "/tmp/scheme.yaml";
        var backend = BackendOf(context.Machine);

        // A look of user space costs a hundred times what the kernel's own costs, and this machine is slow.
        var sensed = backend == "IdlePage" ? scheme with { SampleInterval = "100ms", AggregationInterval = "500ms" } : scheme;
        GuestFiles.WriteText(context.Host, SchemeFile, sensed.ToYaml());
        await context.UntilCalmAsync();
        string[] arguments =
        [
            "run", "-f", SchemeFile, "-o", "json", "--backend", backend, "--start-grace", "1ms", "--floor", "1Mi", "--cpu-ceiling", "50%",
            .. cgroups.SelectMany(cgroup => new[] { "--cgroup", cgroup }), .. options,
        ];
        string[] command = [.. launcher, "/lab/bin/damonctl", .. arguments];
        var run = new AgentRun(context, context.Start(group: null, command[0], command.Skip(1)));
        await run.UntilAsync("damonctl senses", TimeSpan.FromSeconds(30), () => run.Latest("start") is not null, has => has);
        return run;
    }

    /// <summary>The latest thing it has said of a type; nothing where there was none.</summary>
    public JsonElement? Latest(string type)
    {
        lock (_gate)
            return _latest.TryGetValue(type, out var line) ? line : null;
    }

    /// <summary>A count of its one scheme, as it was said last.</summary>
    public ulong Count(string name) => Scheme() is { } scheme ? scheme.GetProperty(name).GetUInt64() : 0;

    /// <summary>What it says of its one scheme in words, as it was said last.</summary>
    public string Word(string name) => Scheme()?.GetProperty(name).GetString() ?? "";

    /// <summary>As <see cref="LabContext.UntilAsync"/>, but a run that has ended does not get there.</summary>
    public Task<T> UntilAsync<T>(string what, TimeSpan within, Func<T> look, Func<T, bool> done) => _context.UntilAsync(
        what,
        within,
        () =>
        {
            var seen = look();
            if (HasEnded && !done(seen))
            {
                var errors = _program.ErrorsAsync(_context.Cancellation).GetAwaiter().GetResult();
                throw new ExpectationException($"{what}: damonctl ended before; last seen: {seen}; it wrote: {errors}{Latest("summary")}");
            }

            return seen;
        },
        done);

    /// <summary>Tells it to end, as Ctrl-C does, and waits until it has.</summary>
    public async Task<AgentEnd> InterruptAsync()
    {
        await _context.RunAsync("/bin/kill", "-INT", $"{Id}");
        return await EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<AgentEnd> EndAsync()
    {
        await _reading.WaitAsync(_context.Cancellation);
        var ended = await _program.EndAsync(_context.Cancellation);
        return Latest("summary") is { } summary
            ? new AgentEnd(ended.ExitCode, summary, ended.Errors)
            : throw new ExpectationException($"damonctl ended with {ended.ExitCode} and without a summary; it wrote: {ended.Errors}");
    }

    private JsonElement? Scheme() => (Latest("summary") ?? Latest("aggregation"))?.GetProperty("schemes")[0];

    private async Task ReadAsync()
    {
        while (await _program.ReadLineAsync(CancellationToken.None) is { } line)
        {
            using var told = JsonDocument.Parse(line);
            lock (_gate)
                _latest[told.RootElement.GetProperty("type").GetString()!] = told.RootElement.Clone();
        }
    }
}
