using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Damon.Testing;

namespace Damon.Workload.Tests.EndToEnd;

/// <summary>The built tool as a process of its own; killed, should a test leave it running.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place where these tests start the tool they are about.")]
internal sealed partial class ToolProcess : IDisposable
{
    private const int SigTerm = 15;

    private readonly Process _process;
    private readonly Task<string> _errors;

    public ToolProcess(params string[] arguments)
    {
        var start = new ProcessStartInfo(DotnetHost.ProgramPath) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "damon-workload.dll"), .. arguments])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public int Id => _process.Id;

    /// <summary>The next line of output; nothing at its end.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellation) => await _process.StandardOutput.ReadLineAsync(cancellation);

    /// <summary>The rest of the output, once the process has ended.</summary>
    public async Task<(int ExitCode, string[] Lines, string Errors)> EndAsync(CancellationToken cancellation)
    {
        var output = await _process.StandardOutput.ReadToEndAsync(cancellation);
        await _process.WaitForExitAsync(cancellation);
        return (_process.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries), await _errors);
    }

    public void Terminate() => kill(_process.Id, SigTerm).Should().Be(0);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int processId, int signal);
}
