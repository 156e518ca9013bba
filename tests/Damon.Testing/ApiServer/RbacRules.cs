using Damon.Api.Manifests;

namespace Damon.Testing.ApiServer;

/// <summary>What the roles of a manifest allow to the service account that is in it, as a server decides it.</summary>
public sealed class RbacRules
{
    private readonly List<Rule> _rules = [];
    private readonly HashSet<(Rule Rule, string Verb)> _used = [];

    private RbacRules()
    {
    }

    /// <summary>Verbs of rules that no request has needed yet.</summary>
    public IReadOnlyList<string> Unused => [.. _rules.SelectMany(rule => rule.Verbs.Where(verb => !_used.Contains((rule, verb))).Select(verb => $"{verb} {rule.Resource}"))];

    /// <summary>Reads a manifest from the repository.</summary>
    /// <exception cref="InvalidDataException">A role is bound to nobody, or to somebody else than the manifest's service account.</exception>
    public static RbacRules Read(string path)
    {
        var read = ManifestReader.Read(path, RepositoryFiles.Bytes(path));
        if (read.Errors.Count > 0)
            throw new InvalidDataException(read.Errors[0].ToString());
        var documents = read.Documents.Cast<ManifestMapping>().ToList();
        var account = documents.Single(document => Text(document, "kind") == "ServiceAccount");
        var rules = new RbacRules();
        foreach (var role in documents.Where(document => Text(document, "kind") is "Role" or "ClusterRole"))
        {
            var (kind, name, ns) = (Text(role, "kind"), Text(role, "metadata", "name"), Text(role, "metadata", "namespace"));
            var bindings = documents.Where(document => Text(document, "kind") == $"{kind}Binding" && Text(document, "roleRef", "name") == name && Text(document, "metadata", "namespace") == ns).ToList();
            if (bindings is not [var binding] || Items(binding, "subjects") is not [ManifestMapping subject]
                || Text(subject, "name") != Text(account, "metadata", "name") || Text(subject, "namespace") != Text(account, "metadata", "namespace"))
                throw new InvalidDataException($"{kind} {name} is not bound to the service account of the manifest, once");
            foreach (var rule in Items(role, "rules").Cast<ManifestMapping>())
            {
                rules._rules.AddRange(
                    from resource in Texts(rule, "resources")
                    select new Rule(Texts(rule, "apiGroups").Single(), resource, [.. Texts(rule, "verbs")], [.. Texts(rule, "resourceNames")], ns));
            }
        }

        return rules;
    }

    /// <summary>Whether a request is allowed. Remembers the rules that allow it.</summary>
    public bool Allows(FakeRequest request) => VerbsOf(request).All(verb =>
    {
        var resource = request.Subresource.Length > 0 ? $"{request.Plural}/{request.Subresource}" : request.Plural;
        var name = request.Name.Length > 0 ? request.Name : NameSelected(request);
        var fitting = _rules.Where(rule => rule.Group == request.Group && rule.Resource == resource && rule.Verbs.Contains(verb)
            && (rule.Names.Length == 0 || rule.Names.Contains(name)) && (rule.Namespace.Length == 0 || rule.Namespace == request.Namespace)).ToList();
        foreach (var rule in fitting)
            _used.Add((rule, verb));
        return fitting.Count > 0;
    });

    /// <summary>An apply makes an object that is not there, and a server wants the right for that too.</summary>
    private static string[] VerbsOf(FakeRequest request) => request.Verb switch
    {
        FakeVerb.Apply when request.Subresource.Length == 0 => ["patch", "create"],
        FakeVerb.Apply or FakeVerb.Patch => ["patch"],
        var verb => [verb.ToString().ToLowerInvariant()],
    };

    /// <summary>A list or a watch of one name is a request for that name.</summary>
    private static string NameSelected(FakeRequest request) =>
        request.Query.GetValueOrDefault("fieldSelector", "") is var selector && selector.StartsWith("metadata.name=", StringComparison.Ordinal) ? selector["metadata.name=".Length..] : "";

    private static string Text(ManifestMapping from, params ReadOnlySpan<string> path)
    {
        ManifestNode? at = from;
        foreach (var part in path)
            at = (at as ManifestMapping)?.Find(part)?.Value;
        return (at as ManifestScalar)?.Text ?? "";
    }

    private static IReadOnlyList<ManifestNode> Items(ManifestMapping from, string name) => (from.Find(name)?.Value as ManifestSequence)?.Items ?? [];

    private static IEnumerable<string> Texts(ManifestMapping from, string name) => Items(from, name).Cast<ManifestScalar>().Select(item => item.Text);

    private sealed record Rule(string Group, string Resource, string[] Verbs, string[] Names, string Namespace);
}
