namespace Damon.Lab.Guest.Running;

/// <summary>Reads <c>/proc/PID/numa_maps</c>: a line for each mapping, with the pages it has on each node as <c>N0=12</c>, in units of <c>kernelpagesize_kB</c>.</summary>
internal static class NumaMaps
{
    /// <summary>Bytes on each node; nodes without any are left out.</summary>
    public static IReadOnlyDictionary<int, ulong> Sum(string text)
    {
        var bytes = new Dictionary<int, ulong>();
        foreach (var line in text.Split('\n'))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(field => field.Split('=')).Where(field => field.Length == 2).ToList();
            var pageBytes = ulong.Parse(fields.Find(field => field[0] == "kernelpagesize_kB")?[1] ?? "4") * 1024;
            foreach (var field in fields.Where(field => field[0].Length > 1 && field[0][0] == 'N' && field[0].AsSpan(1).ContainsAnyExceptInRange('0', '9') == false))
            {
                var node = int.Parse(field[0].AsSpan(1));
                bytes[node] = bytes.GetValueOrDefault(node) + (ulong.Parse(field[1]) * pageBytes);
            }
        }

        return bytes;
    }
}
