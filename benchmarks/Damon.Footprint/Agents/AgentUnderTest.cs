using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Damon.Engine.Host;
using Damon.Footprint.Clusters;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Footprint.Agents;

/// <summary>An agent's process.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A child of the benchmark, in a folder of its own.")]
internal sealed class AgentUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("damon-footprint-state-");
    private readonly HttpClient _http;
    private readonly HostRoot _machine = new();
    private readonly TimeProvider _time;
    private readonly Process _process;
    private readonly Task<string> _log;
    private readonly long _began;

    /// <summary>Starts it.</summary>
    /// <param name="program">The command: the program and what stands before the agent's flags.</param>
    /// <param name="kubeconfig">The API server.</param>
    /// <param name="hostRoot">The simulated node.</param>
    /// <param name="cpuCeiling">Its own ceiling; null for that of the cluster's configuration.</param>
    /// <param name="time">The clock.</param>
    public AgentUnderTest(IReadOnlyList<string> program, string kubeconfig, string hostRoot, string? cpuCeiling, TimeProvider time)
    {
        _time = time;
        var port = LoopbackPorts.Free();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        var start = new ProcessStartInfo(program[0]) { UseShellExecute = false, RedirectStandardError = true };
        foreach (var argument in (string[])[
            .. program.Skip(1), "--node-name", NodeObjects.NodeName, "--kubeconfig", kubeconfig, "--host-root", hostRoot, "--state-dir", _state.FullName, "--listen", $"127.0.0.1:{port}",
            .. cpuCeiling is null ? [] : (string[])["--cpu-ceiling", cpuCeiling]])
        {
            start.ArgumentList.Add(argument);
        }

        _began = time.GetTimestamp();
        _process = Process.Start(start)!;
        _log = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Since it was started.</summary>
    public TimeSpan Age => _time.GetElapsedTime(_began);

    /// <summary>What the kernel says it uses.</summary>
    /// <exception cref="AgentException">It has ended.</exception>
    public ProcessFigures Figures() => ProcessFigures.Read(_machine, _process.Id) ?? throw Ended();

    /// <summary>What it tells.</summary>
    /// <returns>Null while it tells nothing yet.</returns>
    /// <exception cref="AgentException">It has ended.</exception>
    public async Task<AgentTold?> AskAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri("/v1/snapshot", UriKind.Relative), cancellation);
            return answer.StatusCode == HttpStatusCode.OK ? AgentTold.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation)) : null;
        }
        catch (HttpRequestException)
        {
            return _process.HasExited ? throw Ended() : null;
        }
    }

    /// <summary>Reads its metrics, as Prometheus would.</summary>
    /// <returns>How many bytes they are.</returns>
    public async Task<int> ScrapeAsync(CancellationToken cancellation) => (await _http.GetByteArrayAsync(new Uri("/metrics", UriKind.Relative), cancellation)).Length;

    /// <summary>Asks it to end, and waits.</summary>
    /// <returns>Its log.</returns>
    /// <exception cref="AgentException">It did not end well.</exception>
    public async Task<string> EndAsync(CancellationToken cancellation)
    {
        using (var signal = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"kill -TERM {_process.Id}"]) { UseShellExecute = false })!)
        {
            await signal.WaitForExitAsync(cancellation);
        }

        await _process.WaitForExitAsync(cancellation).WaitAsync(EndPatience, _time, cancellation);
        var log = await _log;
        return _process.ExitCode == 0 ? log : throw new AgentException($"the agent has ended with {_process.ExitCode}: {Tail(log)}");
    }

    /// <summary>Ends it at once.</summary>
    /// <returns>The end of its log.</returns>
    public async Task<string> AbortAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        return Tail(await _log);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await AbortAsync();
        _http.Dispose();
        _process.Dispose();
        _state.Delete(recursive: true);
    }

    private static string Tail(string log) => log.Length > 2000 ? log[^2000..] : log;

    private AgentException Ended() => new($"the agent has ended by itself: {(_log.Wait(EndPatience) ? Tail(_log.Result) : "")}");
}
