using System.Globalization;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>What a process has cost so far, as the kernel says.</summary>
/// <param name="Cpu">CPU time, of all its threads.</param>
/// <param name="ResidentBytes">Memory now.</param>
/// <param name="PeakResidentBytes">The most memory so far.</param>
public sealed record ProcessFigures(TimeSpan Cpu, long ResidentBytes, long PeakResidentBytes)
{
    /// <summary>USER_HZ, which is 100 on every architecture that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>Reads them; null where the process has ended.</summary>
#pragma warning disable RS0030 // The tests' own children.
    public static ProcessFigures? Read(int pid)
    {
        try
        {
            // The command's name stands in brackets and may hold anything: fields are counted from the last bracket.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            var (resident, peak) = (0L, 0L);
            foreach (var line in File.ReadLines($"/proc/{pid}/status"))
            {
                if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                    resident = Kibibytes(line);
                else if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                    peak = Kibibytes(line);
            }

            return new ProcessFigures(TimeSpan.FromSeconds((double)ticks / TicksPerSecond), resident, peak);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
#pragma warning restore RS0030

    private static long Kibibytes(string line) => long.Parse(line.AsSpan(line.IndexOf(':') + 1).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture) * 1024;
}
