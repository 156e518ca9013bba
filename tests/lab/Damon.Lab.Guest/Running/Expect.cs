using System.Diagnostics.CodeAnalysis;

namespace Damon.Lab.Guest.Running;

/// <summary>Checks of the inside. A failure names what was looked at, what was expected and what was seen.</summary>
public static class Expect
{
    public static void Equal<T>(string what, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new ExpectationException($"{what}: expected {Show(expected)}, saw {Show(actual)}");
    }

    /// <summary>The same elements in the same order.</summary>
    public static void Sequence<T>(string what, IEnumerable<T> expected, IEnumerable<T> actual)
    {
        var (wanted, seen) = (expected.ToList(), actual.ToList());
        if (!wanted.SequenceEqual(seen))
            throw new ExpectationException($"{what}: expected [{string.Join(", ", wanted)}], saw [{string.Join(", ", seen)}]");
    }

    /// <summary>A number from one bound to the other, both included.</summary>
    public static void Between<T>(string what, T low, T high, T actual)
        where T : IComparable<T>
    {
        if (actual.CompareTo(low) < 0 || actual.CompareTo(high) > 0)
            throw new ExpectationException($"{what}: expected {Show(low)} to {Show(high)}, saw {Show(actual)}");
    }

    /// <summary>A number that differs from the expected one by at most a share of it.</summary>
    public static void Near(string what, double expected, double actual, double share) =>
        Between(what, expected * (1 - share), expected * (1 + share), actual);

    /// <param name="what">What should hold, and what was seen instead.</param>
    /// <param name="condition">Whether it does.</param>
    public static void True(string what, [DoesNotReturnIf(false)] bool condition)
    {
        if (!condition)
            throw new ExpectationException(what);
    }

    private static string Show<T>(T value) => value switch
    {
        null => "nothing",
        string text => $"'{text}'",
        _ => value.ToString() ?? "",
    };
}
