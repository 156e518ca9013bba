using Damon.Engine.Host;
using Damon.Lab.Guest.Programs;

namespace Damon.Lab.Guest.Running;

/// <summary>Tasks that wait in the kernel and cannot be killed: why a test, or the machine, does not go on.</summary>
internal static class StuckTasks
{
    /// <summary>Their names and where in the kernel each waits; nothing where there are none.</summary>
    public static string Describe(HostRoot host)
    {
        var stuck = new List<string>();
        foreach (var process in GuestFiles.Folders(host, "/proc", "*").Where(folder => char.IsAsciiDigit(folder["/proc/".Length])))
        {
            foreach (var task in GuestFiles.Folders(host, $"{process}/task", "*"))
            {
                // "pid (name) D …": uninterruptible.
                if (host.ReadText($"{task}/stat").TryGet(out var stat) && stat.LastIndexOf(") ", StringComparison.Ordinal) is >= 0 and var end && stat.AsSpan(end + 2) is ['D', ..])
                {
                    var stack = host.ReadText($"{task}/stack").TryGet(out var text) ? string.Join(" < ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(20).Select(line => line.Trim())) : "";
                    stuck.Add($"{stat[..(end + 1)]} waits in {stack}");
                }
            }
        }

        return string.Join("; ", stuck);
    }
}
