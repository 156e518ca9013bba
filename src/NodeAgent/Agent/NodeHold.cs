using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <summary>What the rails said about the containers of one scheme of the node, the last time that they were asked for it.</summary>
/// <param name="Allowed">Containers that may be acted on.</param>
/// <param name="Held">Containers that rails hold.</param>
/// <param name="Rail">The rail that holds the first of these; null where there are none.</param>
/// <param name="Reason">What it found.</param>
internal readonly record struct NodeHold(int Allowed, int Held, SafetyRail? Rail, string Reason);
