namespace Damon.Operator.Plans;

/// <summary>A scheme as plans are made of it.</summary>
/// <param name="Uid">Its uid.</param>
/// <param name="Directive">What has been decided; null where nothing has yet.</param>
/// <param name="Granted">Names of nodes that are let in.</param>
internal readonly record struct PlannableScheme(string Uid, SchemeDirective? Directive, IReadOnlySet<string> Granted);
