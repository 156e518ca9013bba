using System.Diagnostics.CodeAnalysis;

namespace Damon.Demo.Commands;

/// <summary>The process's standard output and error.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place where this command meets its console.")]
internal static class DemoConsole
{
    public static TextWriter Output => Console.Out;

    public static TextWriter Error => Console.Error;
}
