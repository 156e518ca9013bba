using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>Measures what an action has really changed: what the kernel says was applied counts the same bytes in every pass.</summary>
public interface IEffectMeter
{
    /// <summary>Whether the effect of an action can be measured at all.</summary>
    /// <param name="action">The action.</param>
    bool CanMeasure(SchemeAction action);

    /// <summary>Reads a level for each control group that grows by what the action does to it.</summary>
    /// <param name="action">The action.</param>
    /// <param name="node">The destination, for actions that move pages.</param>
    /// <param name="cgroups">Which.</param>
    /// <returns>By path. A group that cannot be read is left out.</returns>
    IReadOnlyDictionary<string, EffectLevel> ReadLevels(SchemeAction action, int? node, IReadOnlyList<EligibleCgroup> cgroups);
}
