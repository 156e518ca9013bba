namespace Damon.Cli.Doctor;

/// <summary>Something about the machine that changes what can be done on it.</summary>
/// <param name="Reason">A stable name, for programs.</param>
/// <param name="Message">What it means, in a sentence or two.</param>
/// <param name="Remedy">What would change it; empty where nothing on this machine does.</param>
internal readonly record struct Finding(string Reason, string Message, string Remedy);
