using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;
using Damon.NodeAgent.Tests.Oracle;
using Damon.Testing.Oracle;

namespace Damon.Lab.Guest.Oracle;

/// <summary>What the cases are about, in this machine: their control groups, with some memory in each, and a process.</summary>
internal static class OracleSubjects
{
    private const string Pod = "kubepods.slice/kubepods-pod1.slice";
    private const ulong MiB = 1 << 20;

    /// <summary>More than what a container must have above its floor before anything may be taken from it.</summary>
    private const int HeldMiB = 12;

    /// <summary>Makes the control groups; gone after the test.</summary>
    /// <returns>Their folders, for those of a case.</returns>
    public static IReadOnlyList<string> CreateContainers(LabContext context, OracleCase @case)
    {
        var pod = context.CreateGroup(Pod);
        context.Write($"{pod}/cgroup.subtree_control", "+memory");
        var root = pod[..^(Pod.Length + 1)];
        foreach (var container in OracleScheme.Containers)
            GuestFiles.CreateFolder(context.Host, root + container);
        return [.. OracleScheme.ContainersOf(@case).Select(container => root + container)];
    }

    /// <summary>Gives a control group memory that lies still: a file without a name, gone with the program that has it open.</summary>
    public static async Task HoldMemoryAsync(LabContext context, string container)
    {
        context.Start(container, "/bin/sh", "-c", $"exec 3>/dev/shm/held && rm /dev/shm/held && head -c {HeldMiB * MiB} /dev/zero >&3 && exec sleep 3600");
        await context.UntilAsync($"{container} has memory", TimeSpan.FromSeconds(20), () => context.NodeBytes(container, 0) + context.NodeBytes(container, 1), bytes => bytes >= HeldMiB * MiB);
    }

    /// <summary>Starts a process that sleeps; its mappings do not change any more when this returns.</summary>
    public static async Task<int> StartProcessAsync(LabContext context)
    {
        var sleeper = context.Start(group: null, "/bin/sh", "-c", "exec sleep 3600");
        await context.UntilAsync("the process sleeps", TimeSpan.FromSeconds(20), () => context.Read($"/proc/{sleeper.Id}/stat"), stat => stat.Contains("(sleep) S", StringComparison.Ordinal));
        return sleeper.Id;
    }
}
