using System.Globalization;
using Damon.Lab.Guest.Privileges;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Agent;

/// <summary>
/// The published <c>damon-agent</c> in a container as docs/privileges.md has it: a root file system of its own that is read-only, with the host's below <c>/host</c>, and of all paths only the documented ones
/// writable. What a container runtime would do for that is done by a shell and by this program.
/// </summary>
internal sealed class AgentContainer
{
    private const string Program = "/lab/bin/damon-agent";
    private const string ShippedProfile = "/lab/seccomp.json";
    private const string Settings = "/tmp/agent";
    private const string Pages = "http://127.0.0.1:9855";

    /// <summary>Mounts, in a view of its own; then the container's root becomes the root, and whatever is to run in it does. Arguments: the folder of the state, how control groups are mounted (ro, rw), the program.</summary>
    private const string Mounts =
        """
        set -e
        root=/tmp/container
        mkdir -p $root /run/damon "$1"
        mount -t tmpfs -o mode=755 container $root
        give() {
          mkdir -p "$root$2"
          mount -o bind "$1" "$root$2"
          if [ "$3" = ro ]; then mount -o remount,bind,ro none "$root$2"; fi
        }
        for folder in /lab /lib /lib64 /usr /dev /proc; do
          if [ -d $folder ]; then give $folder $folder ro; fi
        done
        give /tmp/agent /etc/damon ro
        give /proc /host/proc ro
        give /sys /host/sys ro
        give /sys/kernel/mm /host/sys/kernel/mm rw
        give /sys/fs/cgroup /host/sys/fs/cgroup "$2"
        give /run/damon /host/run/damon rw
        give "$1" /var/lib/damon rw
        mount -o remount,bind,ro none $root
        shift 2
        exec chroot $root "$@"
        """;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly LabContext _context;
    private readonly GuestProgram _program;

    private AgentContainer(LabContext context, GuestProgram program) => (_context, _program) = (context, program);

    public int Id => _program.Id;

    public bool HasEnded => _program.HasEnded;

    /// <summary>The folder of this machine that is the container's <c>/var/lib/damon</c>.</summary>
    public static string StateOf(string state) => $"/var/lib/damon-{state}";

    /// <summary>Starts it.</summary>
    /// <param name="context">The test.</param>
    /// <param name="cluster">Whose node it is the agent of.</param>
    /// <param name="rights">What it is given.</param>
    /// <param name="state">The name of the folder for its plan and ledger: one that is started again under the same name finds what the last one left.</param>
    public static AgentContainer Start(LabContext context, LabCluster cluster, AgentRights rights, string state)
    {
        if (!context.Host.Exists(Program))
            throw new ExpectationException($"there is no {Program}: tests/lab/publish leaves it out where DAMON_LAB is smoke");
        var profile = rights.WithoutCalls.Aggregate(context.Read(ShippedProfile), (text, call) => text.Contains($"\"{call}\"", StringComparison.Ordinal)
            ? text.Replace($"\"{call}\"", "\"read\"", StringComparison.Ordinal)
            : throw new ExpectationException($"the profile does not have {call} anyway"));
        GuestFiles.Write(context.Host, $"{Settings}/seccomp.json", profile);
        GuestFiles.Write(context.Host, $"{Settings}/kubeconfig", cluster.Kubeconfig, ownerOnly: true);
        return new AgentContainer(context, context.Start(
            group: null, "/bin/unshare",
            [
                "-m", "/bin/sh", "-c", Mounts, "sh", StateOf(state), rights.GroupsAreReadOnly ? "ro" : "rw",
                .. Confinement.Launcher(rights.Capabilities, seccompFile: "/etc/damon/seccomp.json", endsOnRefusal: rights.EndsOnRefusal),
                Program, "--host-root=/host", $"--node-name={LabCluster.Node}", "--kubeconfig=/etc/damon/kubeconfig", "--state-dir=/var/lib/damon",
            ]));
    }

    /// <summary>Waits until it is ready by its own word.</summary>
    public Task<string> ReadyAsync(TimeSpan within) => PageAsync("it is ready", "/readyz", within, page => page == "ok\n");

    /// <summary>Looks until what is seen is as wanted; an agent that has ended does not get there.</summary>
    public async Task<T> UntilAsync<T>(string what, TimeSpan within, Func<Task<T>> look, Func<T, bool> done)
    {
        var start = _context.Time.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (done(seen))
                return seen;
            if (HasEnded || _context.Time.GetElapsedTime(start) > within)
                throw new ExpectationException($"{what}: not {(HasEnded ? "before it ended" : $"within {within.TotalSeconds} s")}; last seen: {seen}; {await DescribeAsync()}");
            await Task.Delay(LookEvery, _context.Time, _context.Cancellation);
        }
    }

    /// <inheritdoc cref="UntilAsync{T}(string, TimeSpan, Func{Task{T}}, Func{T, bool})"/>
    public Task<T> UntilAsync<T>(string what, TimeSpan within, Func<T> look, Func<T, bool> done) => UntilAsync(what, within, () => Task.FromResult(look()), done);

    /// <summary>Waits until a page says what is wanted.</summary>
    public Task<string> PageAsync(string what, string path, TimeSpan within, Func<string, bool> done) => UntilAsync(what, within, () => PageAsync(path), done);

    /// <summary>A page; empty where there is none, or it answers with an error.</summary>
    public async Task<string> PageAsync(string path) => (await _context.RunAsync("/bin/wget", "-q", "-O", "-", Pages + path)).Output;

    /// <summary>The value of a metric, with the labels as they are written.</summary>
    public async Task<double> MetricAsync(string series)
    {
        var line = (await PageAsync("/metrics")).Split('\n').FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? double.NaN : double.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture);
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task<GuestProgramResult> TerminateAsync()
    {
        Expect.Equal("kill -TERM", 0, (await _context.RunAsync("/bin/kill", "-TERM", $"{Id}")).ExitCode);
        return await EndAsync();
    }

    /// <summary>Waits until it has ended.</summary>
    public Task<GuestProgramResult> EndAsync() => _program.EndAsync(_context.Cancellation);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _program.KillAsync();

    /// <summary>Asks it to end; it must do so well, and have told of nothing that is wrong.</summary>
    public async Task EndWellAsync()
    {
        var end = await TerminateAsync();
        Expect.Equal($"exit code, with the log {end.Errors}", 0, end.ExitCode);
        Expect.True($"nothing is wrong by its log: {end.Errors}", !end.Errors.Contains("\"level\":\"error\"", StringComparison.Ordinal) && !end.Errors.Contains("\"exception\"", StringComparison.Ordinal));
    }

    /// <summary>All that may say why it is not as it should be. Ends it: its log is read to the end.</summary>
    private async Task<string> DescribeAsync()
    {
        var snapshot = HasEnded ? "" : await PageAsync("/v1/snapshot");
        await KillAsync();
        var refused = (await _context.RunAsync("/bin/dmesg")).Output.Split('\n').Where(line => line.Contains("type=1326", StringComparison.Ordinal)).TakeLast(3);
        return $"log {await _program.ErrorsAsync(_context.Cancellation)}; snapshot {snapshot}; refused calls {string.Join(" | ", refused)}";
    }
}
