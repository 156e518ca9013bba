namespace Damon.Lab.Guest.Running;

/// <summary>What a line of the inside's report tells.</summary>
public enum LabEventKind
{
    /// <summary>A test begins.</summary>
    Started,

    /// <summary>Its law holds.</summary>
    Passed,

    /// <summary>Its law does not hold, or it could not be put to the test.</summary>
    Failed,

    /// <summary>This machine cannot run it.</summary>
    Skipped,

    /// <summary>All tests are through.</summary>
    Finished,
}
