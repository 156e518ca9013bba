namespace Damon.Cli.Interchange;

/// <summary>Whose files are exchanged.</summary>
internal enum ForeignTool
{
    /// <summary>The kernel project's own tool.</summary>
    Damo,
}
