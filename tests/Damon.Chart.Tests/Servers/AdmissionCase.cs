namespace Damon.Chart.Tests.Servers;

/// <summary>A request to our kinds, and whether it may be made.</summary>
/// <param name="What">In words.</param>
/// <param name="IsAllowed">Whether it may.</param>
/// <param name="User">Who asks.</param>
/// <param name="Nodes">The nodes that the token names; null where it names none at all.</param>
public sealed record AdmissionCase(string What, bool IsAllowed, string User, string[]? Nodes)
{
    public const string Agent = "system:serviceaccount:damon-system:damon-agent";

    public string Operation { get; init; } = "UPDATE";

    public string Resource { get; init; } = "damonnodes";

    public string? Subresource { get; init; } = "status";

    public string? Name { get; init; } = "n1";

    public static IReadOnlyList<AdmissionCase> All { get; } =
    [
        new("an agent writes the status of its own node", true, Agent, ["n1"]),
        new("an agent writes the status of another node", false, Agent, ["n2"]),
        new("an agent's token names no node", false, Agent, null),
        new("an agent's token names nothing", false, Agent, []),
        new("an agent's token names an empty node", false, Agent, [""]),
        new("an agent's token names two nodes, its own among them", false, Agent, ["n1", "n2"]),
        new("an agent writes the plan of its own node", false, Agent, ["n1"]) { Subresource = null },
        new("an agent deletes its own node's object", false, Agent, ["n1"]) { Operation = "DELETE", Subresource = null },
        new("an agent makes its own node's object", false, Agent, ["n1"]) { Operation = "CREATE", Subresource = null },
        new("an agent makes an object whose name the server makes up", false, Agent, ["n1"]) { Operation = "CREATE", Subresource = null, Name = null },
        new("an agent changes a scheme that is called like its node", false, Agent, ["n1"]) { Resource = "damonschemes", Subresource = null },
        new("an agent changes the status of a scheme that is called like its node", false, Agent, ["n1"]) { Resource = "damonschemes" },
        new("an agent changes the configuration", false, Agent, ["n1"]) { Resource = "damonclusterconfigs", Subresource = null, Name = "cluster" },
        new("the operator writes a plan", true, "system:serviceaccount:damon-system:damon-operator", ["n7"]) { Subresource = null },
        new("an account of that name in another namespace is none of ours", true, "system:serviceaccount:other:damon-agent", null),
        new("an admin writes what he wants", true, "admin", null) { Resource = "damonschemes", Subresource = null },
    ];

    public override string ToString() => What;
}
