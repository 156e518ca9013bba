namespace Damon.Testing.Oracle;

/// <summary>A file into which we write something else than damo does. Where one of us does not write it, its value is the kernel's default.</summary>
/// <param name="Path">Below the kdamond's folder.</param>
/// <param name="Ours">Our value.</param>
/// <param name="Damos">damo's value.</param>
public sealed record ParameterDifference(string Path, string Ours, string Damos)
{
    /// <summary>Compares all files that one of both has.</summary>
    /// <param name="ours">Our parameters.</param>
    /// <param name="damos">damo's.</param>
    /// <returns>By path.</returns>
    public static IReadOnlyList<ParameterDifference> Between(IReadOnlyDictionary<string, string> ours, IReadOnlyDictionary<string, string> damos) =>
    [
        .. ours.Keys.Union(damos.Keys).Order(StringComparer.Ordinal)
            .Select(path => new ParameterDifference(path, ValueOf(ours, path), ValueOf(damos, path)))
            .Where(difference => difference.Ours != difference.Damos),
    ];

    private static string ValueOf(IReadOnlyDictionary<string, string> parameters, string path)
    {
        // Asked for even where there is a value: a file that is not known must not pass because both have it.
        var otherwise = KernelParameters.DefaultOf(path);
        return parameters.TryGetValue(path, out var value) ? value : otherwise;
    }
}
