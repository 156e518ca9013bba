namespace Damon.Operator.Metrics;

/// <summary>Writes of one kind with one result.</summary>
/// <param name="Resource">As <c>damonschemes/status</c>.</param>
/// <param name="Result"><c>Succeeded</c>, or in what way they failed.</param>
/// <param name="Requests">How many.</param>
/// <param name="Bytes">Their bodies.</param>
internal sealed record WriteCount(string Resource, string Result, long Requests, long Bytes);
