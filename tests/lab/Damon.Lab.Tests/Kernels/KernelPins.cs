using System.Text.RegularExpressions;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Tests.Kernels;

/// <summary>Reads <c>kernels.ini</c>. The lab's programs read the same file with less care: what is wrong with it is found here.</summary>
internal static partial class KernelPins
{
    private static readonly string[] Keys = ["release", "suite", "package", "image", "modules", "has"];

    /// <exception cref="FormatException">A line or a section is not as the head of the file describes.</exception>
    public static IReadOnlyList<KernelPin> Parse(string text)
    {
        var sections = new List<(string Name, int Line, List<(string Key, string Value)> Values)>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;

            if (SectionLine().Match(line) is { Success: true } section)
            {
                var name = section.Groups["name"].Value;
                if (sections.Exists(known => known.Name == name))
                    throw Wrong(number, $"the kernel '{name}' is there twice");
                sections.Add((name, number, []));
                continue;
            }

            var value = ValueLine().Match(line);
            if (!value.Success || !Keys.Contains(value.Groups["key"].Value))
                throw Wrong(number, $"'{line}' is neither a section nor one of {string.Join(", ", Keys)}");
            if (sections.Count == 0)
                throw Wrong(number, $"'{line}' is in no section");
            if (value.Groups["key"].Value != "package" && sections[^1].Values.Exists(known => known.Key == value.Groups["key"].Value))
                throw Wrong(number, $"'{value.Groups["key"].Value}' is there twice");
            sections[^1].Values.Add((value.Groups["key"].Value, value.Groups["value"].Value));
        }

        return [.. sections.Select(section => Pin(section.Name, section.Line, section.Values))];
    }

    private static KernelPin Pin(string name, int line, List<(string Key, string Value)> values)
    {
        var packages = new List<(string, string)>();
        foreach (var (_, package) in values.Where(value => value.Key == "package"))
        {
            var match = PackageValue().Match(package);
            if (!match.Success)
                throw Wrong(line, $"the package '{package}' of '{name}' is not a path below the mirror and a SHA-256");
            packages.Add((match.Groups["path"].Value, match.Groups["sum"].Value));
        }

        var image = Value("image");
        if (image is null == (packages.Count == 0))
            throw Wrong(line, $"'{name}' needs either packages or an image");
        if (packages.Count > 0 && (Value("release") is null || Value("suite") is null))
            throw Wrong(line, $"'{name}' has packages and needs their release and suite");
        var has = (Value("has") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (has.Except(MachinePromise.Words).FirstOrDefault() is { } unknown)
            throw Wrong(line, $"'{name}' has '{unknown}', which is none of {string.Join(", ", MachinePromise.Words)}");
        return new KernelPin(name, Value("release"), image, packages, has);

        string? Value(string key) => values.Find(value => value.Key == key).Value;
    }

    private static FormatException Wrong(int line, string what) => new($"kernels.ini, line {line}: {what}");

    [GeneratedRegex(@"^\[(?<name>[a-z0-9.-]+)\]$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex SectionLine();

    [GeneratedRegex("^(?<key>[a-z]+) =( (?<value>.*[^ ]))?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ValueLine();

    [GeneratedRegex(@"^(?<path>pool/\S+\.deb) (?<sum>[0-9a-f]{64})$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex PackageValue();
}
