using System.Globalization;
using Damon.Engine.Host;

namespace Damon.Testing;

/// <summary>A container of a <see cref="FakePod"/>: a control group, groups below it, and the processes in them.</summary>
public sealed class FakeContainer
{
    private readonly FakeKubepods _node;
    private readonly SortedDictionary<int, Member> _members = [];
    private readonly List<string> _nested = [];
    private ulong _startCode = 0x5600_0000_0000;

    internal FakeContainer(FakeKubepods node, FakePod pod, string name, string id, string path)
    {
        _node = node;
        Pod = pod;
        Name = name;
        Id = id;
        Path = path;
    }

    private readonly record struct Member(ProcessIdentity Identity, string Path);

    public FakePod Pod { get; }

    public string Name { get; }

    public string Id { get; }

    /// <summary>As the API shows it.</summary>
    public string RuntimeId => $"{_node.Scheme}://{Id}";

    /// <summary>Its group's path.</summary>
    public string Path { get; }

    /// <summary>Its group's directory.</summary>
    public string Directory => _node.Mount + Path;

    /// <summary>Its processes, by ascending pid.</summary>
    public IReadOnlyList<ProcessIdentity> Processes => [.. _members.Values.Select(one => one.Identity)];

    /// <summary>Whether a process is in it, as the same one.</summary>
    public bool Has(ProcessIdentity process) => _members.TryGetValue(process.Pid, out var member) && member.Identity == process;

    /// <summary>Makes a group below the container's own.</summary>
    /// <param name="name">Its name; with slashes it lies deeper.</param>
    /// <returns>Its path, for <see cref="Fork"/>.</returns>
    public string Nest(string name)
    {
        var path = Path;
        foreach (var link in name.Split('/'))
        {
            path += "/" + link;
            if (!_nested.Contains(path, StringComparer.Ordinal))
            {
                _node.MakeGroup(path);
                _nested.Add(path);
            }
        }

        if (_node.Version == CgroupVersion.V2)
        {
            _node.Host.Write(Directory + "/cgroup.stat", string.Create(CultureInfo.InvariantCulture, $"nr_descendants {_nested.Count}\nnr_dying_descendants 0\n"));
        }

        return path;
    }

    /// <summary>Starts a process.</summary>
    /// <param name="pid">Its pid; 0 for one that was never used.</param>
    /// <param name="path">The group below the container's own in which it starts.</param>
    public ProcessIdentity Fork(int pid = 0, string? path = null)
    {
        path ??= Path;
        var identity = _node.Start(this, path, pid);
        _members.Add(identity.Pid, new Member(identity, path));
        WriteProcs(path);
        return identity;
    }

    /// <summary>Starts many at once.</summary>
    public void ForkMany(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var identity = _node.Start(this, Path, 0);
            _members.Add(identity.Pid, new Member(identity, Path));
        }

        WriteProcs(Path);
    }

    /// <summary>A process runs another program: same pid and start time.</summary>
    public void Exec(int pid) => _node.WriteProcess(_members[pid].Identity, _members[pid].Path, startCode: _startCode += 0x1_0000_0000);

    /// <summary>A process has ended and its parent has not collected it: v2 does not list it any more, v1 does.</summary>
    public void BecomeZombie(int pid)
    {
        var member = _members[pid];
        _node.WriteProcess(member.Identity, member.Path, state: 'Z');
    }

    /// <summary>A process ends and is collected.</summary>
    public void Exit(int pid)
    {
        var member = _members[pid];
        _members.Remove(pid);
        _node.End(pid);
        WriteProcs(member.Path);
    }

    /// <summary>A process has ended between the reading of cgroup.procs and that of its own files: it is still listed.</summary>
    public void ExitUnnoticed(int pid)
    {
        _members.Remove(pid);
        _node.End(pid);
    }

    /// <summary>Ends all processes and removes the groups.</summary>
    public void Stop()
    {
        foreach (var pid in _members.Keys.ToList())
        {
            ExitUnnoticed(pid);
        }

        _nested.Clear();
        _node.RemoveGroup(Path);
        Pod.Forget(this);
    }

    /// <summary>Ends it, and starts one of the same name with another id.</summary>
    public FakeContainer Restart(string id)
    {
        Stop();
        return Pod.Start(Name, id);
    }

    /// <summary>Ends it, and makes a group of the same name anew, with the same id: what a runtime does that starts an ended container again.</summary>
    public FakeContainer Remake()
    {
        Stop();
        return Pod.Start(Name, Id, Path);
    }

    private void WriteProcs(string path) =>
        _node.Host.Write($"{_node.Mount}{path}/cgroup.procs", string.Concat(_members.Where(one => one.Value.Path == path).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key}\n"))));
}
