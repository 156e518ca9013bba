using System.Diagnostics.CodeAnalysis;

namespace Damon.Lab.Guest.Running;

/// <summary>The process's standard output: a serial port.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place where this program meets its console.")]
internal static class GuestConsole
{
    public static TextWriter Output => Console.Out;

    /// <summary>Leaves figures in the run's log: what was measured says more than that it was within bounds.</summary>
    public static void Note(string figures) => Output.WriteLine($"note: {figures}");
}
