using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Damon.Lab.Guest.Programs;

/// <summary>A program a test started. It ends with the test at the latest.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place where this program starts others.")]
public sealed class GuestProgram : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private GuestProgram(Process process)
    {
        _process = process;
        // Read all the while: a program whose errors nobody reads stops when the pipe is full.
        _errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="group">The control group it starts in: all of its memory is charged there, from the first page on. Nothing for this program's own.</param>
    /// <param name="file">Its path.</param>
    /// <param name="arguments">One by one.</param>
    public static GuestProgram Start(string? group, string file, params IEnumerable<string> arguments)
    {
        // The shell goes into the group and then becomes the program, under the same number.
        var start = group is null
            ? new ProcessStartInfo(file, arguments)
            : new ProcessStartInfo("/bin/sh", ["-c", "echo $$ >\"$0/cgroup.procs\" && exec \"$@\"", group, file, .. arguments]);
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return new GuestProgram(Process.Start(start)!);
    }

    /// <summary>The next line of its output; nothing once it has closed it.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellation) =>
        // A read of a pipe is not woken by a cancellation; it ends with the program.
        await _process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellation);

    /// <summary>Waits for its end.</summary>
    public async Task<GuestProgramResult> EndAsync(CancellationToken cancellation)
    {
        var output = await _process.StandardOutput.ReadToEndAsync(CancellationToken.None).WaitAsync(cancellation);
        await _process.WaitForExitAsync(cancellation);
        return new GuestProgramResult(_process.ExitCode, output, await _errors.WaitAsync(cancellation));
    }

    /// <summary>What it has written to its standard error; only once it has ended.</summary>
    public Task<string> ErrorsAsync(CancellationToken cancellation) => _errors.WaitAsync(cancellation);

    /// <summary>SIGKILL, and waits until it is gone; one that has ended is fine.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public void Dispose() => _process.Dispose();
}
