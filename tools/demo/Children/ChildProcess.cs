using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Damon.Demo.Children;

/// <summary>A program started by the demonstration. It does not outlive this object: disposing asks it to end, and kills it if it does not.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place where the demonstration starts its children.")]
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly TimeProvider _time;

    private ChildProcess(Process process, TimeProvider time)
    {
        _process = process;
        _time = time;
        // Read all the while: a child whose errors nobody reads stops when the pipe is full.
        _errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    public int Id => _process.Id;

    /// <summary>What it ended with; only after it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program with its output connected to this process.</summary>
    /// <param name="file">The program's path.</param>
    /// <param name="arguments">One by one, never put through a shell.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="time">The clock its end is waited for by.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static ChildProcess Start(string file, IReadOnlyList<string> arguments, string folder, TimeProvider time, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!, time);
    }

    /// <summary>The next line of its output; nothing once it has closed it.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellation) =>
        // The read of a pipe itself is not woken by a cancellation; it ends with the child.
        await _process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellation);

    /// <summary>Waits for its end.</summary>
    /// <returns>What it wrote to its standard error.</returns>
    public async Task<string> EndAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return (await _errors.WaitAsync(cancellation)).Trim();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Between the look and the signal the child could end, be collected, and its number be given away: a few microseconds in which the
            // kernel would have to hand out all other numbers first.
            if (!_process.HasExited)
                _ = kill(_process.Id, SigTerm);
            using var patience = new CancellationTokenSource(Patience, _time);
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int processId, int signal);
}
