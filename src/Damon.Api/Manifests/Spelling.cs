namespace Damon.Api.Manifests;

/// <summary>Finds what somebody probably meant.</summary>
internal static class Spelling
{
    // Beyond this a comparison helps nobody and a hostile name would cost time.
    private const int MaxLength = 64;

    /// <summary>The candidate with the fewest changed letters, if they are few enough to be a slip; case does not count.</summary>
    public static string? Nearest(string written, IEnumerable<string> candidates)
    {
        if (written.Length is 0 or > MaxLength)
            return null;
        var allowed = Math.Max(written.Length <= 3 ? 1 : 2, written.Length / 3);
        string? nearest = null;
        foreach (var candidate in candidates)
        {
            var distance = Distance(written, candidate);
            if (distance <= allowed)
            {
                nearest = candidate;
                allowed = distance - 1;
            }
        }

        return nearest;
    }

    // Levenshtein's distance, one row at a time.
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var changed = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
