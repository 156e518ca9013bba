using System.Diagnostics.CodeAnalysis;

namespace Damon.Scale.Commands;

/// <summary>The process's standard output and error.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place where this command meets its console.")]
internal static class ScaleConsole
{
    public static TextWriter Output => Console.Out;

    public static TextWriter Error => Console.Error;

    /// <summary>Whether progress may be written over itself.</summary>
    public static bool IsTerminal => !Console.IsErrorRedirected;
}
