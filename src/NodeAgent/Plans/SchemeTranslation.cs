using Damon.Api.Schemes;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Plans;

/// <summary>What became of a scheme on its way to the engine.</summary>
/// <param name="Scheme">As the admin wrote it.</param>
/// <param name="Description">As the engine carries it out; null where it cannot.</param>
/// <param name="Reason">Why it cannot, CamelCase and stable; empty where it can.</param>
/// <param name="Message">The same for people, naming the field.</param>
public sealed record SchemeTranslation(DamonScheme Scheme, SchemeDescription? Description, string Reason, string Message);
