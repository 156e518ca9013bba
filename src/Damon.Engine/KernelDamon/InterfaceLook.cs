using System.Globalization;
using Damon.Engine.Host;
using Damon.Engine.Machine;

namespace Damon.Engine.KernelDamon;

/// <summary>What is in the kernel's DAMON at one moment. Reading it changes nothing.</summary>
/// <param name="Error">Why the number of kdamonds could not be read.</param>
/// <param name="Kdamonds">By place.</param>
/// <param name="Modules">Those that this kernel has.</param>
internal sealed record InterfaceLook(HostError Error, IReadOnlyList<KdamondLook> Kdamonds, IReadOnlyList<DamonModuleFacts> Modules)
{
    public bool IsReadable => Error.Kind == HostErrorKind.None && Kdamonds.All(kdamond => kdamond.IsOn is not null);

    /// <summary>Looks once.</summary>
    public static InterfaceLook Read(IDamonTree tree, HostRoot host)
    {
        var modules = DamonModuleFacts.Read(host);
        var text = tree.Read("kdamonds/nr_kdamonds");
        if (!text.TryGet(out var number))
        {
            return new InterfaceLook(text.Error, [], modules);
        }

        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > OwnerRecord.MaxKdamonds)
        {
            return new InterfaceLook(new HostError(HostErrorKind.Malformed, "kdamonds/nr_kdamonds", $"'{number}' is no number of kdamonds"), [], modules);
        }

        return new InterfaceLook(default, [.. Enumerable.Range(0, count).Select(index => KdamondLook.Read(tree, host, index))], modules);
    }
}
