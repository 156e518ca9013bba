using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.NodeAgent.Agent;

/// <summary>A process that is not in the session any more although nobody took it out.</summary>
/// <param name="Process">Which one.</param>
/// <param name="State">How it ended; a process that is gone may run another program now, and is then found again.</param>
/// <param name="Reason">Why, for people.</param>
internal readonly record struct EndedProcess(ProcessIdentity Process, TargetState State, string Reason);
