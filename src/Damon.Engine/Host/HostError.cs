namespace Damon.Engine.Host;

/// <summary>What went wrong with one thing on the host.</summary>
/// <param name="Kind">The reason, to decide by.</param>
/// <param name="Subject">The path or the call, to show.</param>
/// <param name="Detail">What was found or what would help; empty where the kind says it all.</param>
/// <param name="Errno">The system's error number, 0 where there was none.</param>
public readonly record struct HostError(HostErrorKind Kind, string Subject, string Detail = "", int Errno = 0)
{
    /// <summary>One line for people: subject, reason, detail.</summary>
    public override string ToString() => string.IsNullOrEmpty(Detail) ? $"{Subject}: {Kind}" : $"{Subject}: {Kind}: {Detail}";
}
