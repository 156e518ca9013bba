using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>A <see cref="KilledLoop"/> that runs.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Starts and kills a process of its own.")]
internal sealed class KilledLoopProcess : IDisposable
{
    private const int KilledExitCode = 137;

    private readonly Process _process;

    private KilledLoopProcess(Process process) => _process = process;

    public static KilledLoopProcess Start(string folder, ulong seed)
    {
        var start = new ProcessStartInfo(DotnetHost.ProgramPath, [typeof(KilledLoopProcess).Assembly.Location, KilledLoop.Verb, folder, $"{seed}"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // What it makes is left behind when it is killed, and removed with the test's folder. And it lives too shortly for code that is compiled twice.
        start.Environment["TMPDIR"] = folder;
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new KilledLoopProcess(Process.Start(start)!);
    }

    public Task SayAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>The next line, which must begin with a word.</summary>
    /// <returns>Null where it has been killed.</returns>
    public async Task<string?> ReadAsync(string word)
    {
        var line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        line?.Should().StartWith(word);
        return line;
    }

    /// <summary>Kills it once it has come far enough.</summary>
    public async Task KillAsync(Func<bool> isFar)
    {
        while (!isFar() && !_process.HasExited)
        {
            await Task.Yield();
        }

        _process.Kill();
    }

    /// <summary>Waits until it has been killed; it must not have ended otherwise, nor have said that anything was wrong.</summary>
    public async Task EndAsync()
    {
        (await _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Should().BeEmpty();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _process.ExitCode.Should().Be(KilledExitCode);
    }

    /// <summary>One that was not killed ends with its input.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
