namespace Damon.Testing;

/// <summary>A pod of <see cref="FakeKubepods"/>.</summary>
public sealed class FakePod
{
    private readonly FakeKubepods _node;
    private readonly List<FakeContainer> _containers = [];

    internal FakePod(FakeKubepods node, string cgroupUid, FakeQos qos, string path)
    {
        _node = node;
        CgroupUid = cgroupUid;
        Qos = qos;
        Path = path;
    }

    public string CgroupUid { get; }

    public FakeQos Qos { get; }

    /// <summary>Its group's path.</summary>
    public string Path { get; }

    /// <summary>Its group's directory.</summary>
    public string Directory => _node.Mount + Path;

    /// <summary>The containers that run.</summary>
    public IReadOnlyList<FakeContainer> Containers => _containers;

    /// <summary>Starts a container with one process.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="id">Its id.</param>
    /// <param name="group">The name of its group where it is not what the runtime is known to take; a path with slashes lies outside the pod.</param>
    public FakeContainer Start(string name, string id, string? group = null)
    {
        group ??= _node.ContainerName(id);
        var path = group.StartsWith('/') ? group : $"{Path}/{group}";
        _node.MakeGroup(path);
        var container = new FakeContainer(_node, this, name, id, path);
        _containers.Add(container);
        container.Fork();
        return container;
    }

    /// <summary>Ends all containers and removes the pod's group.</summary>
    public void Remove()
    {
        foreach (var container in _containers.ToList())
        {
            container.Stop();
        }

        _node.RemoveGroup(Path);
    }

    internal void Forget(FakeContainer container) => _containers.Remove(container);
}
