namespace Damon.Hosting.Processes;

/// <summary>Where a process tells people what happens. For any thread.</summary>
public interface IProcessLog
{
    /// <summary>Something happened.</summary>
    void Info(string message);

    /// <summary>Something does not work, and is tried again or left out.</summary>
    void Warn(string message);
}
