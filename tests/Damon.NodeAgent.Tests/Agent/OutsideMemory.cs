using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>
/// The memory of some processes, on which node each page lies, in a file that is mapped by the agent that moves pages and by the test that watches it: it outlives the agent, as processes do. It counts
/// everything that the agent does to it or tells it of, and kills the agent by SIGKILL at the step that the test has chosen.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A file of the test's own, and the test's own end.")]
internal sealed class OutsideMemory : IDisposable
{
    public const int Processes = 3;
    public const int Pages = (int)(LoopWorld.Bytes / PageBytes);
    public const ulong FirstAddress = 1 << 20;

    private const ulong PageBytes = 4096;
    private const int MaxEffects = 1 << 20;
    private const long CountsAt = 0;
    private const long KillStepAt = 64;
    private const long KillNumberAt = 72;
    private const long RepeatedAt = 80;
    private const long EffectCountAt = 88;
    private const long NodesAt = 4096;
    private const long EffectsAt = NodesAt + (Processes * Pages);

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <summary>Maps a file; it is made where there is none.</summary>
    public OutsideMemory(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, EffectsAt + (MaxEffects * sizeof(int)));
        _view = _file.CreateViewAccessor();
    }

    /// <summary>Pages that were to be moved to where they were already: somebody acted twice.</summary>
    public long Repeated => _view.ReadInt64(RepeatedAt);

    /// <summary>Every page that was moved, in order: the process, the page and the node that it went to.</summary>
    public IReadOnlyList<(int Process, int Page, int To)> Effects =>
        [.. Enumerable.Range(0, (int)_view.ReadInt64(EffectCountAt)).Select(i => _view.ReadInt32(EffectsAt + (i * sizeof(int)))).Select(entry => (entry >> 24, (entry >> 4) & 0xfffff, entry & 0xf))];

    public int NodeOf(int process, int page) => _view.ReadByte(NodesAt + (process * Pages) + page);

    public byte[] Nodes()
    {
        var nodes = new byte[Processes * Pages];
        _view.ReadArray(NodesAt, nodes, 0, nodes.Length);
        return nodes;
    }

    /// <summary>Somebody else moves a page: nobody owes anything for it.</summary>
    public void Place(int process, int page, int node) => _view.Write(NodesAt + (process * Pages) + page, (byte)node);

    public long Count(KillStep step) => _view.ReadInt64(CountsAt + ((int)step * sizeof(long)));

    /// <summary>Begins to count anew, and chooses where the agent is to die.</summary>
    public void Arm(KillStep step, long number)
    {
        foreach (var each in Enum.GetValues<KillStep>())
        {
            _view.Write(CountsAt + ((int)each * sizeof(long)), 0L);
        }

        _view.Write(KillStepAt, (long)step);
        _view.Write(KillNumberAt, number);
    }

    public void ForgetEffects() => _view.Write(EffectCountAt, 0L);

    /// <summary>The agent is at a step; it may be its last.</summary>
    public void Step(KillStep step)
    {
        if (IsLast(step))
        {
            Kill();
        }
    }

    /// <summary>As the other one, where something is to be left half done.</summary>
    public bool IsLast(KillStep step)
    {
        var count = Count(step) + 1;
        _view.Write(CountsAt + ((int)step * sizeof(long)), count);
        return _view.ReadInt64(KillStepAt) == (long)step && _view.ReadInt64(KillNumberAt) == count;
    }

    /// <summary>SIGKILL to oneself: nothing after this call is done, and nothing is cleaned up.</summary>
    [DoesNotReturn]
    public static void Kill()
    {
        Process.GetCurrentProcess().Kill();
        throw new InvalidOperationException("A process went on after SIGKILL.");
    }

    /// <summary>Moves what lies elsewhere, page by page, as move_pages(2) does.</summary>
    public ActionResult Move(int process, KillStep step, MemoryAction action, ReadOnlySpan<AddressRange> ranges)
    {
        var to = action.Destinations[0].Node;
        var moved = 0UL;
        foreach (var range in ranges)
        {
            for (var page = PageOf(range.Start); page < PageOf(range.End); page++)
            {
                if (NodeOf(process, page) == to)
                {
                    _view.Write(RepeatedAt, Repeated + (step == KillStep.Moved ? 1 : 0));
                    continue;
                }

                Step(step);
                Place(process, page, to);
                var at = _view.ReadInt64(EffectCountAt);
                _view.Write(EffectsAt + (at * sizeof(int)), (process << 24) | (page << 4) | to);
                _view.Write(EffectCountAt, at + 1);
                moved += PageBytes;
            }
        }

        return moved > 0 ? new ActionResult(ActionOutcome.Applied, moved, moved) : new ActionResult(ActionOutcome.NoEffect, 0, 0);
    }

    /// <summary>What moves a process's pages back.</summary>
    public HostResult<IMemoryActor> OpenMover(int process) => new Mover(this, process);

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static int PageOf(ulong address) => (int)((address - FirstAddress) / PageBytes);

    private sealed class Mover(OutsideMemory memory, int process) : IMemoryActor
    {
        public string LastError => "";

        public ActionOutcome ReadResident(out ulong residentBytes)
        {
            residentBytes = LoopWorld.Bytes;
            return ActionOutcome.Applied;
        }

        public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
        {
            reach = new Reach(range.End, 0);
            return ActionOutcome.Applied;
        }

        public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default) => memory.Move(process, KillStep.PutBack, action, ranges);

        public void Dispose()
        {
        }
    }
}
