using System.Diagnostics.CodeAnalysis;

namespace Damon.Workload.Commands;

/// <summary>The process's standard output and error; standard input is not looked at.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place where this command meets its console.")]
internal static class ToolConsole
{
    public static Stream OpenOutput() => Console.OpenStandardOutput();

    public static TextWriter Error => Console.Error;
}
