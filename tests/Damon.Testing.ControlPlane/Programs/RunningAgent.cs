using Damon.Testing.ControlPlane.Servers;

namespace Damon.Testing.ControlPlane.Programs;

/// <summary>The built <c>damon-agent</c> as a process of its own, on a host made of files.</summary>
public sealed class RunningAgent : IDisposable
{
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    private readonly FakeHost _state = new();

    /// <summary>Starts one.</summary>
    /// <param name="node">Its node's name.</param>
    /// <param name="kubeconfig">How it reaches the server.</param>
    /// <param name="host">The host's files; not owned.</param>
    /// <param name="flags">Further flags.</param>
    public RunningAgent(string node, string kubeconfig, FakeHost host, params string[] flags)
    {
        var port = LoopbackPorts.Free();
        Pages = new Uri($"http://127.0.0.1:{port}");
        Process = new ServerProcess(
            DotnetHost.ProgramPath,
            [
                BuiltProgram.PathOf("Damon.Agent", "damon-agent"),
                "--node-name", node,
                "--kubeconfig", kubeconfig,
                "--host-root", host.Folder,
                "--state-dir", _state.Folder,
                "--listen", $"127.0.0.1:{port}",
                .. flags,
            ],
            LongestLife);
    }

    public ServerProcess Process { get; }

    /// <summary>Where its pages are.</summary>
    public Uri Pages { get; }

    /// <summary>Where it keeps its last plan.</summary>
    public string StateFolder => _state.Folder;

    public void Dispose()
    {
        Process.Dispose();
        _state.Dispose();
    }
}
