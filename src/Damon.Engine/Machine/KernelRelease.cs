using System.Globalization;

namespace Damon.Engine.Machine;

/// <summary>A kernel's version as far as features depend on it. Features that leave a file are looked for, not derived from this: distributions backport.</summary>
/// <param name="Text">As the kernel writes it.</param>
/// <param name="Major">First number, 0 where the text has none.</param>
/// <param name="Minor">Second number.</param>
public readonly record struct KernelRelease(string Text, int Major, int Minor)
{
    /// <summary>Reads a release such as <c>6.12.95+deb12-amd64</c>.</summary>
    /// <param name="text">The release.</param>
    public static KernelRelease Parse(string text)
    {
        var parts = text.Split('.', 3);
        return parts.Length >= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(parts[1].AsSpan(0, DigitsAtStart(parts[1])), NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? new KernelRelease(text, major, minor)
            : new KernelRelease(text, 0, 0);
    }

    /// <summary>Whether it is this version or a later one.</summary>
    /// <param name="major">First number.</param>
    /// <param name="minor">Second number.</param>
    public bool IsAtLeast(int major, int minor) => Major > major || (Major == major && Minor >= minor);

    private static int DigitsAtStart(string text)
    {
        var count = 0;
        while (count < text.Length && char.IsAsciiDigit(text[count]))
        {
            count++;
        }

        return count;
    }
}
