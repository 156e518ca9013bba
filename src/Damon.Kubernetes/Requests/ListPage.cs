namespace Damon.Kubernetes.Requests;

/// <summary>What a page of a list says beside its items.</summary>
/// <param name="ResourceVersion">The state that the whole list shows: a watch goes on from here.</param>
/// <param name="Continue">Leads to the next page; empty at the end.</param>
public sealed record ListPage(string ResourceVersion, string Continue);
