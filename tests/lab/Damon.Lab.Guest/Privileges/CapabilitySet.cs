using Damon.Engine.Machine;

namespace Damon.Lab.Guest.Privileges;

/// <summary>Sets of capabilities as people write them: names of the kernel, separated by commas.</summary>
internal static class CapabilitySet
{
    /// <summary>CAP_PERFMON, which the product has no use for.</summary>
    public const ProcessCapabilities Performance = (ProcessCapabilities)(1UL << 38);

    private static readonly (ProcessCapabilities Capability, string Name)[] Names =
    [
        (ProcessCapabilities.DacOverride, "CAP_DAC_OVERRIDE"),
        (ProcessCapabilities.DacReadSearch, "CAP_DAC_READ_SEARCH"),
        (ProcessCapabilities.FileOwner, "CAP_FOWNER"),
        (ProcessCapabilities.Kill, "CAP_KILL"),
        (ProcessCapabilities.SysPtrace, "CAP_SYS_PTRACE"),
        (ProcessCapabilities.SysAdmin, "CAP_SYS_ADMIN"),
        (ProcessCapabilities.SysNice, "CAP_SYS_NICE"),
        (ProcessCapabilities.SysResource, "CAP_SYS_RESOURCE"),
        (Performance, "CAP_PERFMON"),
    ];

    public static string Format(ProcessCapabilities capabilities) => string.Join(',', Of(capabilities).Select(NameOf));

    /// <returns>False where a name is none of the table; an empty text is the empty set.</returns>
    public static bool TryParse(string text, out ProcessCapabilities capabilities)
    {
        capabilities = ProcessCapabilities.None;
        foreach (var name in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var index = Array.FindIndex(Names, entry => entry.Name == name);
            if (index < 0)
                return false;
            capabilities |= Names[index].Capability;
        }

        return true;
    }

    /// <summary>One by one.</summary>
    public static IEnumerable<ProcessCapabilities> Of(ProcessCapabilities capabilities) => Names.Select(entry => entry.Capability).Where(capability => capabilities.HasFlag(capability));

    public static string NameOf(ProcessCapabilities capability) => Array.Find(Names, entry => entry.Capability == capability).Name;
}
