namespace Damon.Testing.KernelDamon;

/// <summary>A law about the files of a kernel's DAMON.</summary>
/// <param name="Name">What holds.</param>
/// <param name="Needs">On which kernels.</param>
/// <param name="Body">Throws where it does not hold.</param>
public sealed record DamonTreeCase(string Name, DamonTreeNeeds Needs, Action<DamonTreeScript> Body)
{
    /// <summary>Whether a tree is of a kernel that the case is about. Leaves it empty.</summary>
    public bool IsFor(DamonTreeUnderTest subject)
    {
        if (Needs.File is null)
        {
            return true;
        }

        var script = new DamonTreeScript(subject);
        try
        {
            script.MakeContext();
            script.Set($"{DamonTreeScript.Context}/targets/nr_targets", "1");
            script.Set($"{DamonTreeScript.Context}/schemes/nr_schemes", "1");
            script.Set($"{DamonTreeScript.Context}/schemes/0/filters/nr_filters", "1");
            script.Set($"{DamonTreeScript.Context}/schemes/0/quotas/goals/nr_goals", "1");
            return subject.Tree.Exists($"{DamonTreeScript.Context}/{Needs.File}") == Needs.IsThere;
        }
        finally
        {
            script.Empty();
        }
    }

    /// <summary>Runs the case.</summary>
    /// <exception cref="DamonTreeException">It does not hold.</exception>
    public void Run(DamonTreeUnderTest subject)
    {
        var script = new DamonTreeScript(subject);
        script.Is("kdamonds/nr_kdamonds", "0");
        try
        {
            Body(script);
        }
        finally
        {
            script.Empty();
        }

        script.Is("kdamonds/nr_kdamonds", "0");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
