using System.Globalization;
using Damon.Engine.Host;

namespace Damon.Engine.Machine;

/// <summary>A module of the kernel that uses DAMON by itself, as its parameters show it.</summary>
/// <param name="Module">Which one.</param>
/// <param name="IsOn">Whether it runs, or is told to; null where that could not be read.</param>
/// <param name="KdamondPid">Its thread; -1 where it has none, or where this kernel does not say.</param>
public readonly record struct DamonModuleFacts(DamonModule Module, bool? IsOn, int KdamondPid)
{
    /// <summary>The module's name in the kernel.</summary>
    public string Name => NameOf(Module);

    /// <summary>A module's name in the kernel.</summary>
    /// <param name="module">Which one.</param>
    public static string NameOf(DamonModule module) => module switch
    {
        DamonModule.Stat => "damon_stat",
        DamonModule.Reclaim => "damon_reclaim",
        _ => "damon_lru_sort",
    };

    /// <summary>The file that says whether a module runs, and switches it.</summary>
    /// <param name="module">Which one.</param>
    public static string SwitchOf(DamonModule module) => $"/sys/module/{NameOf(module)}/parameters/enabled";

    /// <summary>Reads those that this kernel has.</summary>
    /// <param name="host">The host.</param>
    public static IReadOnlyList<DamonModuleFacts> Read(HostRoot host)
    {
        var found = new List<DamonModuleFacts>();
        foreach (var module in Enum.GetValues<DamonModule>())
        {
            if (host.Exists(SwitchOf(module)))
            {
                var pid = host.ReadText($"/sys/module/{NameOf(module)}/parameters/kdamond_pid").TryGet(out var text)
                    && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : -1;

                // Kernels before 7.0 show the wish and not the state: a thread says more than the word, and a wish without a thread still is somebody's.
                bool? isOn = pid > 0 ? true
                    : !host.ReadText(SwitchOf(module)).TryGet(out var word) ? null
                    : word is "Y" or "1" ? true
                    : word is "N" or "0" ? false
                    : null;
                found.Add(new DamonModuleFacts(module, isOn, pid));
            }
        }

        return found;
    }
}
