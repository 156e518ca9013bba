using Damon.Engine.Machine;

namespace Damon.Lab.Guest.Running;

/// <summary>The machine a test runs on: what it is said to be, and what the engine finds.</summary>
/// <param name="Promise">Nothing where the program was started by hand.</param>
/// <param name="Facts">Read once, before the first test.</param>
public sealed record LabMachine(MachinePromise? Promise, MachineFacts Facts);
