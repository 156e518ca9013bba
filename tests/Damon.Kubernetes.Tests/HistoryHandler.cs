using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Objects;

namespace Damon.Kubernetes.Tests;

/// <summary>Keeps what an informer tells, and fails at the first thing that does not follow from what came before.</summary>
internal sealed class HistoryHandler<T> : IObjectHandler<T>
{
    public Dictionary<ObjectKey, ObjectHeader> Objects { get; } = [];

    public List<string> Told { get; } = [];

    public bool IsSettled { get; private set; }

    public void Added(StoredObject<T> added)
    {
        Objects.Should().NotContainKey(added.Key, "it was there already");
        Objects.Add(added.Key, added.Header);
        Told.Add($"+{added.Key}");
    }

    public void Updated(StoredObject<T> old, StoredObject<T> updated)
    {
        Objects[old.Key].Should().Be(old.Header, "an update follows on what was told before");
        updated.Header.Uid.Should().Be(old.Header.Uid, "an update keeps the identity");
        updated.Header.ResourceVersion.Should().NotBe(old.Header.ResourceVersion);
        Objects[old.Key] = updated.Header;
        Told.Add($"~{updated.Key}");
    }

    public void Deleted(StoredObject<T> last)
    {
        Objects[last.Key].Should().Be(last.Header);
        Objects.Remove(last.Key);
        Told.Add($"-{last.Key}");
    }

    public void Resynced(StoredObject<T> stored)
    {
        Objects[stored.Key].Should().Be(stored.Header);
        Told.Add($"={stored.Key}");
    }

    public void Settled()
    {
        IsSettled.Should().BeFalse();
        IsSettled = true;
        Told.Add("settled");
    }
}
