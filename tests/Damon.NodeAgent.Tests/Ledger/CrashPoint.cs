namespace Damon.NodeAgent.Tests.Ledger;

/// <summary>Counts everything that is done outside the process, and kills it before a given one.</summary>
internal sealed class CrashPoint
{
    private int _left = int.MaxValue;

    public int Steps { get; private set; }

    /// <summary>Kills before the n-th step from now; 0 for the next one.</summary>
    public void Arm(int steps) => _left = steps;

    public void Disarm() => _left = int.MaxValue;

    public bool IsHere()
    {
        Steps++;
        return _left-- == 0;
    }

    public void Step()
    {
        if (IsHere())
        {
            throw new CrashException();
        }
    }
}
