using System.Globalization;
using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>What one kdamond shows.</summary>
/// <param name="Index">Its place.</param>
/// <param name="IsOn">Whether it runs; null where that could not be read.</param>
/// <param name="Pid">Its thread; -1 where it has none.</param>
/// <param name="Thread">Which thread that is; null where it has none or it is not seen from here (another pid namespace).</param>
/// <param name="Folder">Which folder it is; null where that is not known.</param>
/// <param name="IsEmpty">Whether nothing was ever configured in it.</param>
internal sealed record KdamondLook(int Index, bool? IsOn, int Pid, ProcessIdentity? Thread, FileIdentity? Folder, bool IsEmpty)
{
    public static KdamondLook Read(IDamonTree tree, HostRoot host, int index)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"kdamonds/{index}");
        bool? isOn = tree.Read(folder + "/state").TryGet(out var word) ? word switch
        {
            "on" => true,
            "off" => false,
            _ => null,
        }
        : null;
        if (!tree.Read(folder + "/pid").TryGet(out var text) || !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var pid))
        {
            // Without its thread it cannot be said whose it is.
            (isOn, pid) = (null, -1);
        }

        return new KdamondLook(
            index,
            isOn,
            pid,
            pid > 0 && ProcessTree.Identify(host, pid).TryGet(out var thread) ? thread : null,
            tree.Identify(folder).TryGet(out var identity) ? identity : null,
            tree.Read(folder + "/contexts/nr_contexts").TryGet(out var contexts) && contexts == "0");
    }

    public override string ToString() => IsOn switch
    {
        true => string.Create(CultureInfo.InvariantCulture, $"kdamond {Index} runs (thread {Pid})"),
        false when IsEmpty => string.Create(CultureInfo.InvariantCulture, $"kdamond {Index} is there, off and empty"),
        false => string.Create(CultureInfo.InvariantCulture, $"kdamond {Index} is configured and off"),
        null => string.Create(CultureInfo.InvariantCulture, $"kdamond {Index} cannot be read"),
    };
}
