using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Tmds.Linux;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>
/// A program that the tests started: ended with them, and by itself after its longest life should they be killed. Signals go to its pid, and only while the kernel says that it is our watchdog's child.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A child of the test.")]
public sealed class ServerProcess : IDisposable
{
    private const int TailLength = 16_000;
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(20);

    private readonly Process _watchdog;
    private readonly string _name;
    private readonly StringBuilder _output = new();
    private readonly Action<string>? _line;

    /// <summary>Starts it.</summary>
    /// <param name="program">The program's file.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="longestLife">Then it is killed.</param>
    /// <param name="environment">Variables beside ours.</param>
    /// <param name="line">Hears each line that it prints.</param>
    public ServerProcess(string program, IReadOnlyList<string> arguments, TimeSpan longestLife, IReadOnlyDictionary<string, string>? environment = null, Action<string>? line = null)
    {
        _name = Path.GetFileName(program);
        _line = line;
        // 'timeout' makes a process group of its own, so that Ctrl-C on a terminal reaches us and not our servers, which we end in order.
        var start = new ProcessStartInfo("timeout") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["--signal=KILL", ((long)longestLife.TotalSeconds).ToString(CultureInfo.InvariantCulture), program, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _watchdog = Process.Start(start)!;
        _watchdog.OutputDataReceived += (_, received) => Keep(received.Data);
        _watchdog.ErrorDataReceived += (_, received) => Keep(received.Data);
        _watchdog.BeginOutputReadLine();
        _watchdog.BeginErrorReadLine();
        Pid = FindProgram();
    }

    /// <summary>The program's pid, not that of the watchdog before it.</summary>
    public int Pid { get; }

    public bool HasExited => _watchdog.HasExited;

    /// <summary>As a shell would have it: 137 after SIGKILL. Only once it has exited.</summary>
    public int ExitCode => _watchdog.ExitCode;

    /// <summary>The end of what it printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>What it has cost so far; null when it has ended.</summary>
    public ProcessFigures? Figures => HasExited ? null : ProcessFigures.Read(Pid);

    /// <summary>Sends a signal, unless it has ended.</summary>
    public void Signal(int signal)
    {
        if (IsOurs())
            _ = LibC.kill(Pid, signal);
    }

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public void Kill()
    {
        Signal(LibC.SIGKILL);
        if (!_watchdog.WaitForExit(EndPatience))
            throw new InvalidOperationException($"{_name} did not end after SIGKILL.");
    }

    /// <summary>SIGTERM, and waits until it has ended by itself.</summary>
    public async Task<int> StopAsync(TimeSpan patience, CancellationToken cancellation)
    {
        Signal(LibC.SIGTERM);
        await Eventually.HoldsAsync(() => HasExited, $"the end of {_name} after SIGTERM", patience, cancellation, () => Output);
        return ExitCode;
    }

    public void Dispose()
    {
        if (!HasExited)
        {
            // One that was stopped is killed too: SIGKILL needs no SIGCONT.
            Signal(LibC.SIGKILL);
            _watchdog.WaitForExit(EndPatience);
        }

        _watchdog.Dispose();
    }

    private bool IsOurs()
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{Pid}/stat");
            return !HasExited && stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == _watchdog.Id.ToString(CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private int FindProgram()
    {
        var time = TimeProvider.System;
        for (var started = time.GetTimestamp(); time.GetElapsedTime(started) < EndPatience;)
        {
            try
            {
                // Until the child has become the program it still bears the watchdog's name.
                foreach (var child in File.ReadAllText($"/proc/{_watchdog.Id}/task/{_watchdog.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    if (File.ReadAllText($"/proc/{child}/comm").Trim() != "timeout")
                        return int.Parse(child, CultureInfo.InvariantCulture);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Not there yet, or gone between the two reads.
            }

            if (HasExited)
                break;
            Thread.Yield();
        }

        // One that ended at once has no pid any more; what it printed says why.
        return HasExited ? 0 : throw new InvalidOperationException($"{_name} was not started: {Output}");
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        _line?.Invoke(line);
        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > 2 * TailLength)
                _output.Remove(0, _output.Length - TailLength);
        }
    }
}
