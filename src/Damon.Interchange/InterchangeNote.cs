namespace Damon.Interchange;

/// <summary>Something that is not the same on the other side: it was left out, or changed.</summary>
/// <param name="Path">Where it stands in what was read, as <c>kdamonds[0].contexts[0].schemes[1].filters[0]</c>.</param>
/// <param name="Message">What became of it, for people.</param>
public sealed record InterchangeNote(string Path, string Message)
{
    /// <summary>Both, as one line.</summary>
    public override string ToString() => $"{Path}: {Message}";
}
