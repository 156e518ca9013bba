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
        return _found;
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
