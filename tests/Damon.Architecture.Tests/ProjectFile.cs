using System.Xml.Linq;

namespace Damon.Architecture.Tests;

/// <summary>What a project file says, as far as rules look at it.</summary>
/// <param name="Path">From the repository's root, with slashes.</param>
/// <param name="Packages">Names of referenced packages and shared frameworks.</param>
/// <param name="References">Paths of referenced projects, from the repository's root.</param>
/// <param name="Properties">Names and values of all properties.</param>
internal sealed record ProjectFile(string Path, IReadOnlyList<string> Packages, IReadOnlyList<string> References, IReadOnlyList<(string Name, string Value)> Properties)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path)!.Replace('\\', '/');

    public bool IsBelow(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public static ProjectFile Parse(string path, string xml)
    {
        var root = XDocument.Parse(xml).Root!;
        var folder = System.IO.Path.GetDirectoryName(path)!;
        return new ProjectFile(
            path,
            [.. Includes(root, "PackageReference"), .. Includes(root, "FrameworkReference")],
            [.. Includes(root, "ProjectReference").Select(reference => Normalize(System.IO.Path.Combine(folder, reference)))],
            [.. root.Elements("PropertyGroup").Elements().Select(property => (property.Name.LocalName, property.Value.Trim()))]);
    }

    /// <summary>A project that is only built before, and of which nothing is linked, is no reference: a tool may start a program without depending on it.</summary>
    private static IEnumerable<string> Includes(XElement root, string item) => root.Descendants(item)
        .Where(element => !string.Equals(element.Attribute("ReferenceOutputAssembly")?.Value, "false", StringComparison.OrdinalIgnoreCase))
        .Select(element => element.Attribute("Include")?.Value ?? "");

    /// <summary>Resolves the <c>..</c> of a path without looking at any disk.</summary>
    private static string Normalize(string path) => System.IO.Path.GetRelativePath("/", System.IO.Path.GetFullPath("/" + path.Replace('\\', '/'))).Replace('\\', '/');
}
