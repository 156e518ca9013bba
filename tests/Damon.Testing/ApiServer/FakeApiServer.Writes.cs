using System.Text.Json.Nodes;

namespace Damon.Testing.ApiServer;

/// <summary>What writes do to an object, and to who owns its fields.</summary>
public sealed partial class FakeApiServer
{
    /// <summary>Fields of metadata that a client's words do not change.</summary>
    private static readonly string[] ServersOwn = ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "deletionTimestamp"];

    private JsonObject Create(FakeCollection collection, JsonObject body, string manager, bool isWhole = false)
    {
        var key = KeyOf(body);
        if (collection.Objects.ContainsKey(key))
            throw new FakeStatusException(409, "AlreadyExists", $"{collection.Kind.Plural} \"{key.TrimStart('/')}\" already exists");
        var made = collection.Kind.Pruned(body);
        made["apiVersion"] = collection.Kind.ApiVersion;
        made["kind"] = collection.Kind.Kind;
        if (collection.Kind.HasStatus && !isWhole)
            made.Remove("status");
        var metadata = FakeJson.Object(made, "metadata");
        var uid = (isWhole ? FakeJson.Text(made, "metadata", "uid") : null) ?? new Guid((int)++_uids, 0, 0, new byte[8]).ToString();
        metadata["uid"] = uid;
        metadata["creationTimestamp"] = Now();
        metadata["generation"] = 1;
        collection.Owners[uid] = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal) { [manager] = [.. Wanted(body, "", collection.Kind).Keys] };
        Write(collection, key, before: null, made);
        return FakeJson.Clone(made);
    }

    /// <summary>Whoever has a finalizer on an object is waited for.</summary>
    private JsonObject Delete(FakeCollection collection, string key, JsonObject found)
    {
        if (found["metadata"]!["finalizers"] is not JsonArray { Count: > 0 })
        {
            Write(collection, key, found, after: null);
            return FakeJson.Clone(found);
        }

        if (found["metadata"]!["deletionTimestamp"] is null)
        {
            var leaving = FakeJson.Clone(found);
            FakeJson.Object(leaving, "metadata")["deletionTimestamp"] = Now();
            if (leaving["metadata"]!["generation"] is JsonValue generation)
                FakeJson.Object(leaving, "metadata")["generation"] = generation.GetValue<int>() + 1;
            Write(collection, key, found, leaving);
            found = leaving;
        }

        return FakeJson.Clone(found);
    }

    private string Now() => _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private JsonObject Update(FakeCollection collection, string key, JsonObject before, JsonObject body, string subresource, string manager)
    {
        body = collection.Kind.Pruned(body);
        var stated = FakeJson.Text(body, "metadata", "resourceVersion");
        if (stated is null && !collection.Kind.TakesUnconditionalUpdates && manager != "other")
            throw new FakeStatusException(422, "Invalid", "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update");
        if (stated is not null && stated != FakeJson.Text(before, "metadata", "resourceVersion"))
            throw Changed(collection);
        var after = FakeJson.Clone(before);
        if (subresource == "status")
        {
            Replace(after, body, "status");
        }
        else
        {
            foreach (var name in after.Select(field => field.Key).Concat(body.Select(field => field.Key)).Distinct(StringComparer.Ordinal).ToList())
            {
                if (name is not ("metadata" or "apiVersion" or "kind") && !(name == "status" && collection.Kind.HasStatus))
                    Replace(after, body, name);
            }

            var metadata = FakeJson.Clone(FakeJson.Object(body, "metadata"));
            foreach (var name in ServersOwn)
                Replace(metadata, FakeJson.Object(before, "metadata"), name);
            after["metadata"] = metadata;
        }

        var changed = ChangedLeaves(before, after);
        foreach (var (owner, fields) in OwnersOf(collection, before))
        {
            if (owner != manager)
                fields.ExceptWith(changed);
        }

        FieldsOf(collection, before, manager).UnionWith(changed);
        return Commit(collection, key, before, after);
    }

    private JsonObject Apply(FakeCollection collection, string key, JsonObject? before, JsonObject body, FakeRequest request, string manager)
    {
        var uid = FakeJson.Text(body, "metadata", "uid");
        if (before is null && (request.Subresource.Length > 0))
            throw new FakeStatusException(404, "NotFound", $"{collection.Kind.Plural} \"{request.Name}\" not found");
        if (uid is not null && before is null)
            throw new FakeStatusException(409, "Conflict", "uid mismatch: no existing object was found");
        if (uid is not null && request.Subresource.Length == 0 && uid != FakeJson.Text(before!, "metadata", "uid"))
            throw new FakeStatusException(422, "Invalid", "metadata.uid: field is immutable");
        if (before is null)
        {
            if (collection.Kind.IsNamespaced)
                FakeJson.Object(body, "metadata")["namespace"] ??= key.Split('/')[0];
            return Create(collection, body, manager);
        }

        if (FakeJson.Text(body, "metadata", "resourceVersion") is { } stated && stated != FakeJson.Text(before, "metadata", "resourceVersion"))
            throw Changed(collection);

        body = collection.Kind.Pruned(body);
        // Each subresource has a set of fields of its own under the same name.
        var owner = request.Subresource.Length > 0 ? $"{manager}/{request.Subresource}" : manager;
        var wanted = Wanted(body, request.Subresource, collection.Kind);
        var owned = FieldsOf(collection, before, owner);
        var now = FakeJson.Leaves(before);
        var owners = OwnersOf(collection, before);
        var conflicts = wanted.Where(field => owners.Any(other => other.Key != owner && other.Value.Contains(field.Key))
            && !JsonNode.DeepEquals(now.GetValueOrDefault(field.Key), field.Value)).Select(field => field.Key).ToList();
        if (conflicts.Count > 0 && request.Query.GetValueOrDefault("force") != "true")
        {
            throw new FakeStatusException(
                409, "Conflict", $"Apply failed with {conflicts.Count} conflicts: {string.Join(", ", conflicts.Select(path => path.Replace('\0', '.')))}", ["FieldManagerConflict"]);
        }

        var after = FakeJson.Clone(before);
        foreach (var path in owned.Where(path => !wanted.ContainsKey(path) && !owners.Any(other => other.Key != owner && other.Value.Contains(path))))
            FakeJson.Remove(after, path);
        foreach (var (path, value) in wanted)
            FakeJson.Set(after, path, value);
        foreach (var other in owners.Where(other => other.Key != owner))
            other.Value.ExceptWith(conflicts);
        owned.Clear();
        owned.UnionWith(wanted.Keys);
        return Commit(collection, key, before, after);
    }

    private JsonObject Commit(FakeCollection collection, string key, JsonObject before, JsonObject after)
    {
        // What changes nothing is no write: the version stays.
        if (JsonNode.DeepEquals(before, after))
            return FakeJson.Clone(before);
        if (!JsonNode.DeepEquals(before["spec"], after["spec"]) && before["metadata"]!["generation"] is JsonValue generation)
            FakeJson.Object(after, "metadata")["generation"] = generation.GetValue<int>() + 1;
        var metadata = FakeJson.Object(after, "metadata");
        Write(collection, key, before, metadata["deletionTimestamp"] is not null && metadata["finalizers"] is not JsonArray { Count: > 0 } ? null : after);
        return FakeJson.Clone(after);
    }

    /// <summary>What an apply is about, of the part that the request may change.</summary>
    private static Dictionary<string, JsonNode?> Wanted(JsonObject body, string subresource, FakeKind kind) =>
        FakeJson.Leaves(body).Where(leaf => leaf.Key.Split('\0') is var path && path[0] switch
        {
            "apiVersion" or "kind" => false,
            "metadata" => subresource.Length == 0 && path.Length > 1 && path[1] is "labels" or "annotations" or "finalizers" or "ownerReferences",
            "status" => subresource == "status" || !kind.HasStatus,
            _ => subresource.Length == 0,
        }).ToDictionary(leaf => leaf.Key, leaf => leaf.Value, StringComparer.Ordinal);

    private static HashSet<string> ChangedLeaves(JsonObject before, JsonObject after)
    {
        var (old, now) = (FakeJson.Leaves(before), FakeJson.Leaves(after));
        return [.. old.Keys.Union(now.Keys).Where(path => !JsonNode.DeepEquals(old.GetValueOrDefault(path), now.GetValueOrDefault(path)))];
    }

    private static Dictionary<string, HashSet<string>> OwnersOf(FakeCollection collection, JsonObject found) => collection.Owners[FakeJson.Text(found, "metadata", "uid")!];

    private static HashSet<string> FieldsOf(FakeCollection collection, JsonObject found, string owner)
    {
        var owners = OwnersOf(collection, found);
        if (!owners.TryGetValue(owner, out var fields))
            owners.Add(owner, fields = new HashSet<string>(StringComparer.Ordinal));
        return fields;
    }

    private static void Replace(JsonObject into, JsonObject from, string name)
    {
        if (from[name] is { } value)
            into[name] = value.DeepClone();
        else
            into.Remove(name);
    }

    private static FakeStatusException Changed(FakeCollection collection) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {collection.Kind.Plural}: the object has been modified; please apply your changes to the latest version and try again");
}
