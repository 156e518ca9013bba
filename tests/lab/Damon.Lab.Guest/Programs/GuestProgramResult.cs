namespace Damon.Lab.Guest.Programs;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">All of its standard output.</param>
/// <param name="Errors">All of its standard error.</param>
public sealed record GuestProgramResult(int ExitCode, string Output, string Errors);
