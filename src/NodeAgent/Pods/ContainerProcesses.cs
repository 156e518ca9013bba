using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>Reads which processes a followed container has. No process is ever given to a container without the kernel having said so of that very process.</summary>
/// <param name="host">The host.</param>
internal sealed class ContainerProcesses(HostRoot host)
{
    private readonly CgroupMembers _members = new(host);
    private readonly ProcCgroupScan _membership = new(host);
    private readonly HostReader _stat = new(maxBytes: 64 * 1024);

    /// <summary>Reads the pids of a container's control group.</summary>
    /// <param name="followed">The container; its group is known.</param>
    /// <returns>Why it could not be done; null where it could.</returns>
    public HostError? ReadPids(FollowedContainer followed)
    {
        var cgroup = followed.Cgroup!.Value;
        var read = _members.Read(cgroup.Directory, followed.Pids);
        followed.LeftOut = _members.LeftOut;
        followed.Unseen = _members.Unseen;
        if (!read.IsOk)
        {
            return read.Error;
        }

        // Asked after reading: as long as the name leads to the group it led to, what was read by that name was in that group.
        var identity = host.Identify(cgroup.Directory);
        return !identity.IsOk ? identity.Error
            : identity.Value == cgroup.File ? null
            : new HostError(HostErrorKind.Vanished, cgroup.Directory, "another control group has this name now");
    }

    /// <summary>Reads which processes the pids are.</summary>
    /// <param name="followed">The container, its pids as they are now.</param>
    /// <param name="level">So many processes at most.</param>
    /// <param name="unified">Which of a process's paths counts, v2's or that of v1's memory hierarchy.</param>
    public void ReadIdentities(FollowedContainer followed, int level, bool unified)
    {
        var next = followed.Next;
        next.Clear();

        // Those known first: what is sensed and acted on should stay the same while a container starts and ends processes by the thousand.
        var unknown = 0;
        foreach (var pid in followed.Pids)
        {
            if (!followed.Processes.TryGetValue(pid, out var known))
            {
                unknown++;
            }
            else if (next.Count >= level)
            {
                followed.LeftOut++;
            }
            else if (TryRead(pid, out var identity) && (identity == known || IsIn(pid, followed, unified)))
            {
                next[pid] = identity;
            }
        }

        // Many of a crowd of new processes have ended before they can be read, and each try costs the same: so it is tries that are counted, twice as many as there is room for.
        var maxTries = 2 * Math.Max(0, level - next.Count);
        var first = unknown > maxTries ? followed.Cursor % unknown : 0;
        var tries = Admit(followed, level, unified, maxTries, first, unknown);
        if (first > 0)
        {
            tries += Admit(followed, level, unified, maxTries - tries, 0, first);
        }

        followed.Cursor = unknown > maxTries ? first + tries : 0;
    }

    /// <summary>Tries the new pids of a range; what there is no room or no try left for is counted.</summary>
    private int Admit(FollowedContainer followed, int level, bool unified, int maxTries, int from, int to)
    {
        var tries = 0;
        var index = -1;
        foreach (var pid in followed.Pids)
        {
            if (followed.Processes.ContainsKey(pid) || ++index < from || index >= to)
            {
                continue;
            }

            if (tries == maxTries || followed.Next.Count >= level)
            {
                followed.LeftOut++;
                continue;
            }

            tries++;

            // The identity first, then whose it is. The other way round a pid could pass from a process of this container to one of another in between. This way round the worst that can come of it is
            // an identity that belongs to nobody any more.
            if (TryRead(pid, out var identity) && IsIn(pid, followed, unified))
            {
                followed.Next[pid] = identity;
            }
        }

        return tries;
    }

    private bool IsIn(int pid, FollowedContainer followed, bool unified) => _membership.IsIn(pid, unified, followed.Wanted.Id.Id);

    private bool TryRead(int pid, out ProcessIdentity identity)
    {
        identity = default;
        if (!host.Read($"/proc/{pid}/stat", _stat).IsOk || !ProcStat.TryParse(_stat.Content, out var stat) || stat.Pid != pid || stat.HasEnded)
        {
            return false;
        }

        identity = stat.Identity;
        return true;
    }
}
