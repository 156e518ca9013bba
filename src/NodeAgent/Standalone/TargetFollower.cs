using Damon.Engine.Host;

namespace Damon.NodeAgent.Standalone;

/// <summary>Finds the processes of a run again and again: the given ones, their descendants, and those of control groups.</summary>
internal sealed class TargetFollower
{
    /// <summary>More processes than this are not followed: sensing them would not stay within any budget.</summary>
    private const int MaxProcesses = 1024;

    private readonly HostRoot _host;
    private readonly IReadOnlyList<string> _cgroups;
    private readonly HashSet<ProcessIdentity> _roots = [];
    private readonly List<ProcessIdentity> _found = [];
    private readonly List<ProcessIdentity> _scratch = [];
    private readonly HashSet<ProcessIdentity> _seen = [];
    private readonly Dictionary<ProcessIdentity, string> _groups = [];
    private readonly HostReader _reader = new(maxBytes: 64 * 1024);

    public TargetFollower(HostRoot host, RunTargets targets, List<RejectedTarget> rejected)
    {
        _host = host;
        _cgroups = targets.Cgroups;
        foreach (var pid in targets.Pids)
        {
            // Identity is taken once: a later process with the same pid is another process.
            var identity = ProcessTree.Identify(host, pid);
            if (identity.IsOk)
            {
                _roots.Add(identity.Value);
                _groups[identity.Value] = NameOf(identity.Value);
            }
            else
            {
                rejected.Add(new RejectedTarget(pid, $"there is no such process ({identity.Error})"));
            }
        }
    }

    /// <summary>Why the last search was not complete; empty where it was.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Whether the last search found everything there is, so that what it did not find is not there.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The processes there are now, each once.</summary>
    public IReadOnlyList<ProcessIdentity> Find()
    {
        LastError = "";
        IsComplete = true;
        _found.Clear();
        _seen.Clear();
        foreach (var cgroup in _cgroups)
        {
            var members = CgroupProcesses.Find(_host, cgroup, _scratch, MaxProcesses);
            if (members.IsOk)
            {
                Take(_scratch);
                foreach (var process in _scratch)
                {
                    _groups.TryAdd(process, cgroup);
                }
            }
            else
            {
                LastError = members.Error.ToString();

                // A control group can only be removed when nothing is in it.
                IsComplete &= members.Error.Kind == HostErrorKind.Vanished;
            }
        }

        if (_roots.Count > 0)
        {
            var tree = ProcessTree.Find(_host, _roots, _scratch, MaxProcesses);
            if (tree.IsOk)
            {
                Take(_scratch);
                GroupByAncestor(_scratch);

                // A child whose parent has ended belongs to nobody's tree any more, but was found before: it stays followed by itself.
                _roots.Clear();
                _roots.UnionWith(_scratch);
            }
            else
            {
                LastError = tree.Error.ToString();
                IsComplete = false;
            }
        }

        IsComplete &= _found.Count < MaxProcesses;
        if (IsComplete)
        {
            ForgetGroups();
        }

        return _found;
    }

    /// <summary>With which others a process shares a budget: those of its control group, or those that the same given process has started.</summary>
    /// <param name="process">One that <see cref="Find"/> gave.</param>
    public string GroupOf(ProcessIdentity process) => _groups.GetValueOrDefault(process) ?? NameOf(process);

    private static string NameOf(ProcessIdentity root) => $"pid {root.Pid}";

    /// <summary>A process that is met for the first time belongs to its parent's group; where the parent has ended in between, nobody knows whose it was, and it is alone.</summary>
    private void GroupByAncestor(List<ProcessIdentity> parentsFirst)
    {
        Dictionary<int, ProcessIdentity>? byPid = null;
        foreach (var process in parentsFirst)
        {
            if (_groups.ContainsKey(process))
            {
                continue;
            }

            byPid ??= parentsFirst.ToDictionary(one => one.Pid);
            var group = NameOf(process);
            if (_host.Read($"/proc/{process.Pid}/stat", _reader).IsOk && ProcStat.TryParse(_reader.Content, out var stat) && stat.Identity == process
                && byPid.TryGetValue(stat.ParentPid, out var parent) && _groups.TryGetValue(parent, out var parentsGroup))
            {
                group = parentsGroup;
            }

            _groups[process] = group;
        }
    }

    /// <summary>Only processes that are there need a group: a target may start them by the thousand.</summary>
    private void ForgetGroups()
    {
        foreach (var process in _groups.Keys)
        {
            if (!_seen.Contains(process))
            {
                _groups.Remove(process);
            }
        }
    }

    private void Take(List<ProcessIdentity> processes)
    {
        foreach (var process in processes)
        {
            if (_found.Count < MaxProcesses && _seen.Add(process))
            {
                _found.Add(process);
            }
        }
    }
}
