namespace Damon.Operator.Statuses;

/// <summary>A node on which a scheme does not work as it should.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Reason">CamelCase and stable.</param>
/// <param name="Message">For people; empty where there is nothing to add.</param>
public sealed record SchemeFailure(string Node, string Reason, string Message);
