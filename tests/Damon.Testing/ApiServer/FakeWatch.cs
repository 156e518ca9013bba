using System.Text.Json.Nodes;

namespace Damon.Testing.ApiServer;

/// <summary>A watch that a client has open.</summary>
internal sealed class FakeWatch(FakeCollection collection, FakeSelector selector, bool isMetadataOnly, FakeBody body, long from)
{
    private bool _isSilent;
    private long _told = from;

    public FakeCollection Collection => collection;

    public FakeBody Body => body;

    /// <summary>By what a change means to who selects: leaving the selection is a deletion.</summary>
    public void Tell(JsonObject? before, JsonObject? after, string version)
    {
        var type = (selector.Fits(before), selector.Fits(after)) switch
        {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            _ => null,
        };
        if (type is null)
            return;
        _told = long.Parse(version, System.Globalization.CultureInfo.InvariantCulture);
        var told = FakeJson.Clone(type == "DELETED" ? before! : after!);
        FakeJson.Object(told, "metadata")["resourceVersion"] = version;
        Send(FakeJson.Event(type, isMetadataOnly ? FakeApiServer.MetadataOf(told) : told));
    }

    /// <summary>A place that the watch has reached already is not told again: on a quiet server there are no bookmarks.</summary>
    public void Bookmark(long version)
    {
        if (version <= _told)
            return;
        _told = version;
        Send(FakeJson.Event("BOOKMARK", new JsonObject
        {
            ["kind"] = isMetadataOnly ? "PartialObjectMetadata" : collection.Kind.Kind,
            ["apiVersion"] = isMetadataOnly ? "meta.k8s.io/v1" : collection.Kind.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = FakeApiServer.Text(version), ["creationTimestamp"] = null },
        }));
    }

    public void Send(byte[] bytes)
    {
        if (!_isSilent)
            body.Send(bytes);
    }

    /// <summary>The connection is half-open: nothing comes any more, and no end.</summary>
    public void FallSilent() => _isSilent = true;

    public void End()
    {
        if (!_isSilent)
            body.End();
    }
}
