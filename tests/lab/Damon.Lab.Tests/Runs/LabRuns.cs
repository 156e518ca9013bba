using System.Collections.Concurrent;
using Damon.Lab.Tests.Kernels;

namespace Damon.Lab.Tests.Runs;

/// <summary>The runs of all kernels: each is booted once, when the first of its tests asks.</summary>
public sealed class LabRuns
{
    private readonly ConcurrentDictionary<string, Lazy<Task<LabRun>>> _runs = new(StringComparer.Ordinal);

    internal Task<LabRun> Of(KernelPin kernel, CancellationToken cancellation) =>
        _runs.GetOrAdd(kernel.Name, _ => new Lazy<Task<LabRun>>(() => LabRun.StartAsync(kernel, LabSettings.Set!.Value, cancellation))).Value;
}
