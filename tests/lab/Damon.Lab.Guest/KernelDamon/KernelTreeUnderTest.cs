using Damon.Engine.KernelDamon;
using Damon.Lab.Guest.Running;
using Damon.Testing.KernelDamon;

namespace Damon.Lab.Guest.KernelDamon;

/// <summary>This machine's kernel as something to run the laws of DAMON's files on. They are written without waiting in mind, so their thread is blocked.</summary>
internal sealed class KernelTreeUnderTest(LabContext context) : DamonTreeUnderTest(new HostDamonTree(context.Host))
{
    private const string Name = "damon-tree";

    private readonly Lazy<string> _group = new(() => context.CreateGroup(Name));

    /// <inheritdoc/>
    public override string MemoryCgroup => _group.Value[^(Name.Length + 1)..];

    /// <inheritdoc/>
    public override DamonTreeProcess StartProcess()
    {
        var workload = context.StartWorkloadAsync("lab-hot", _group.Value).GetAwaiter().GetResult();
        var region = workload.Regions.Single();
        return new DamonTreeProcess(workload.Id, region.Start, region.End, () => workload.KillAsync().GetAwaiter().GetResult());
    }

    /// <inheritdoc/>
    public override void Pass(TimeSpan span) => Task.Delay(span, context.Time, context.Cancellation).GetAwaiter().GetResult();
}
