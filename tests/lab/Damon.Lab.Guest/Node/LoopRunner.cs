using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Lab.Guest.Pods;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;

namespace Damon.Lab.Guest.Node;

/// <summary>
/// <c>loop PLAN CONFIG GROUP…</c>: the agent's loop in a process of its own, which a test can kill. What an API server would say is in two files and in the names of the pods' groups; a pod whose group is behind
/// a minus sign has opted out. It tells once a second how its first scheme is, and ends on SIGTERM.
/// </summary>
internal sealed class LoopRunner : IAgentLog
{
    public const string Verb = "loop";

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);
    private readonly HostRoot _host;
    private readonly TextWriter _output;
    private readonly TimeProvider _time;

    private LoopRunner(HostRoot host, TextWriter output, TimeProvider time) => (_host, _output, _time) = (host, output, time);

    public static async Task RunAsync(HostRoot host, IReadOnlyList<string> arguments, TextWriter output, TimeProvider time)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The kernel's DAMON is Linux's.");

        var runner = new LoopRunner(host, output, time);
        using var kernel = new SharedKernel(runner.Open);
        await using var worker = new KernelWorker(time, KernelSensing.WorkerOptions);
        await runner.RunAsync(arguments, kernel, worker);
    }

    public void Info(string message) => Tell($"told\t{message}");

    public void Unexpected(string what, Exception exception) => Tell($"bug\t{what}: {exception.GetType().Name}: {exception.Message}");

    [UnsupportedOSPlatform("windows")]
    private HostKernelInterface Open() => new(new HostDamonTree(_host), _host, _time, new OwnershipSettings());

    private async Task RunAsync(IReadOnlyList<string> arguments, SharedKernel kernel, KernelWorker worker)
    {
        using var inbox = new AgentInbox();
        using var ending = new CancellationTokenSource();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            ending.Cancel();
        });
        inbox.PutConfig(Read(arguments[1]));
        inbox.PutNode(Read(arguments[0]));
        inbox.PutPods([.. arguments.Skip(2).Select(PodOf)]);
        var backends = new HostBackends(_host, _time, (_, place) => new KernelSensing(kernel.Of(place), worker));
        using var loop = new NodeLoop(_host, _time, new NodeLoopOptions { NodeName = "lab" }, inbox, backends, this);
        var running = Task.Factory.StartNew(() => loop.Run(ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (!running.IsCompleted)
        {
            if (loop.Snapshot.Schemes is [var scheme, ..])
                Tell(string.Join('\t', "scheme", scheme.State, scheme.Reason, scheme.Message, scheme.Targets, scheme.Effect?.ColdBytes ?? 0, scheme.Effect?.AwayBytes ?? 0));
            await Task.WhenAny(running, Task.Delay(TellEvery, _time, ending.Token));
        }

        await running;
    }

    private static PodRecord PodOf(string group) => group[0] == '-'
        ? LabPod.Of(group[1..]) with { Labels = new Dictionary<string, string>(StringComparer.Ordinal) { [ProtectionRules.OptOutLabel] = "true" } }
        : LabPod.Of(group);

    private byte[] Read(string path) => _host.ReadText(path).TryGet(out var text) ? Encoding.UTF8.GetBytes(text) : throw new ArgumentException($"{path} cannot be read", nameof(path));

    private void Tell(string line)
    {
        lock (_output)
        {
            _output.WriteLine(line);
            _output.Flush();
        }
    }
}
