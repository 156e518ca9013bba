namespace Damon.Testing.ControlPlane.Servers;

/// <summary>A request as an API server wrote it down.</summary>
/// <param name="User">Who asked.</param>
/// <param name="Verb">As <c>list</c>.</param>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">As <c>damonnodes</c>; empty for requests about no objects.</param>
/// <param name="Subresource">As <c>status</c>, or empty.</param>
/// <param name="Name">The object's, or empty.</param>
/// <param name="IsContinued">Whether it is a further page of a list.</param>
/// <param name="Code">The answer's code.</param>
/// <param name="At">When it came.</param>
public sealed record AuditedRequest(string User, string Verb, string Group, string Resource, string Subresource, string Name, bool IsContinued, int Code, DateTimeOffset At)
{
    /// <summary>Whether it changes something.</summary>
    public bool IsWrite => Verb is "create" or "update" or "patch" or "delete" or "deletecollection";
}
