using System.Diagnostics;
using System.Globalization;

#pragma warning disable RS0030 // Starts a compiler and the benchmark's own programs; nothing of a host is read here.

namespace Damon.Benchmarks.Comparison;

/// <summary>A C program of <c>benchmarks/c</c>, built for this run and kept running, that does a round of work whenever it is asked to.</summary>
internal sealed class CProgram : IDisposable
{
    private readonly Process _process;

    private CProgram(Process process) => _process = process;

    public int Pid => _process.Id;

    /// <summary>Builds a program.</summary>
    /// <returns>The program's path, or why there is none.</returns>
    public static (string Path, string Problem) Build(string sourceFolder, string name, string outputFolder, params string[] defines)
    {
        var target = Path.Combine(outputFolder, name + string.Concat(defines));
        var start = new ProcessStartInfo("gcc") { UseShellExecute = false, RedirectStandardError = true };
        foreach (var argument in (string[])["-O2", "-std=c17", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", .. defines.Select(d => "-D" + d), "-o", target, Path.Combine(sourceFolder, name + ".c")])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using var compiler = Process.Start(start)!;
            var errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? (target, "") : throw new InvalidOperationException($"gcc does not take {name}.c:\n{errors}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return ("", $"gcc cannot be started: {missing.Message}");
        }
    }

    public static CProgram Start(string path, params string[] arguments)
    {
        var start = new ProcessStartInfo(path) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new CProgram(Process.Start(start)!);
    }

    /// <summary>The numbers of the next line that the program prints.</summary>
    public ulong[] Read()
    {
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} has ended.");
        return [.. line.Split(' ').Select(n => ulong.Parse(n, CultureInfo.InvariantCulture))];
    }

    /// <summary>Has so many operations done, and gives what the program says of them: nanoseconds first.</summary>
    public ulong[] Run(int operations)
    {
        _process.StandardInput.WriteLine(operations.ToString(CultureInfo.InvariantCulture));
        _process.StandardInput.Flush();
        return Read();
    }

    /// <summary>Closes its input, upon which it ends.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
