namespace Damon.Api.Manifests;

/// <summary>Errors as they are found, up to a number that somebody still reads: a hostile file has one in every line.</summary>
internal sealed class ManifestErrorList
{
    public const int MaxErrors = 100;

    private readonly List<ManifestError> _errors = [];
    private ManifestError? _firstLeftOut;

    public int Count => _errors.Count;

    /// <summary>In the order of the file, errors of the command line last; where some were left out, a line says so at the end.</summary>
    public IReadOnlyList<ManifestError> Sorted
    {
        get
        {
            var sorted = _errors.OrderBy(e => e.Line == 0).ThenBy(e => e.Line).ThenBy(e => e.Column);
            return _firstLeftOut is { } more ? [.. sorted, more with { FieldPath = "", Message = $"there are more than {MaxErrors} errors; mend these first" }] : [.. sorted];
        }
    }

    public void Add(ManifestError error)
    {
        if (_errors.Count < MaxErrors)
            _errors.Add(error);
        else
            _firstLeftOut ??= error;
    }

    public bool Exists(Predicate<ManifestError> match) => _errors.Exists(match);
}
