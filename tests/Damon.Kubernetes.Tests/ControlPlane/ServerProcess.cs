using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Damon.Kubernetes.Tests.ControlPlane;

/// <summary>A server that the tests started: ended with them, and by itself after a while should they be killed.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A child of the test.")]
internal sealed class ServerProcess : IDisposable
{
    private const int MostSeconds = 600;
    private const int TailLength = 4000;

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public ServerProcess(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("timeout") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["--signal=KILL", $"{MostSeconds}", program, .. arguments])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>The end of what it printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            // By its pid, with the server below it.
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(TimeSpan.FromSeconds(10));
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > 2 * TailLength)
                _output.Remove(0, _output.Length - TailLength);
        }
    }
}
