using System.Reflection;
using System.Text;

namespace Damon.Testing.Oracle;

/// <summary>A scheme in our words, the same in damo's, and what damo says that it means. Kept in the binary, so that it is there on a machine without the repository.</summary>
/// <param name="Name">The scheme's name.</param>
/// <param name="Scheme">The document, in UTF-8.</param>
/// <param name="Answer">What damo said, in JSON.</param>
public sealed record OracleCase(string Name, byte[] Scheme, string Answer)
{
    private const string Prefix = "Damon.Testing.Oracle.Cases.";

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<OracleCase> All { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".yaml", StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^".yaml".Length])
            .Order(StringComparer.Ordinal)
            .Select(name => new OracleCase(name, Read($"{name}.yaml"), Encoding.UTF8.GetString(Read($"{name}.json")))),
    ];

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static byte[] Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name) ?? throw new InvalidOperationException($"{name} is missing: run regenerate.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
