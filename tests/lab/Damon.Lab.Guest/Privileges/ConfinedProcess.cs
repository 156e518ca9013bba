using Damon.Engine.Machine;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Privileges;

/// <summary>What the kernel says of a process that is to have few rights.</summary>
internal static class ConfinedProcess
{
    private const string FilterMode = "2";

    /// <summary>It has these capabilities, cannot get others, and runs under a seccomp filter.</summary>
    public static void Check(LabContext context, int process, ProcessCapabilities rights)
    {
        Expect.Equal("its capabilities", $"{(ulong)rights:x16}", Status(context, process, "CapEff"));
        Expect.Equal("and those it could get", $"{(ulong)rights:x16}", Status(context, process, "CapBnd"));
        Expect.Equal("no new privileges", "1", Status(context, process, "NoNewPrivs"));
        Expect.Equal("seccomp's mode", FilterMode, Status(context, process, "Seccomp"));
    }

    /// <summary>A line of its <c>status</c>.</summary>
    public static string Status(LabContext context, int process, string name) =>
        context.Read($"/proc/{process}/status").Split('\n').Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
}
