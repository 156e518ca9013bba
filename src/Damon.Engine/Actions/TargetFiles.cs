using Damon.Engine.Host;

namespace Damon.Engine.Actions;

/// <summary>What everything that acts on one process's pages holds open: whether it still is that process, its mappings, and where its pages are.</summary>
internal sealed record TargetFiles(ProcessWatch Watch, TargetMappings Mappings, HostFile Pagemap) : IDisposable
{
    /// <summary>Opens all of them, or none.</summary>
    /// <param name="host">The host.</param>
    /// <param name="process">Which process it must be.</param>
    /// <param name="time">The clock by which cached mappings grow old.</param>
    public static HostResult<TargetFiles> Open(HostRoot host, ProcessIdentity process, TimeProvider time)
    {
        var watch = ProcessWatch.Open(host, process);
        if (!watch.IsOk)
        {
            return watch.Error;
        }

        var mappings = TargetMappings.Open(host, process.Pid, time);
        if (!mappings.IsOk)
        {
            watch.Value.Dispose();
            return mappings.Error;
        }

        var pagemap = host.Open($"/proc/{process.Pid}/pagemap");
        if (!pagemap.IsOk)
        {
            watch.Value.Dispose();
            mappings.Value.Dispose();
            return pagemap.Error.Kind == HostErrorKind.Denied ? pagemap.Error with { Detail = PagemapEntry.Remedy } : pagemap.Error;
        }

        return new TargetFiles(watch.Value, mappings.Value, pagemap.Value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Watch.Dispose();
        Mappings.Dispose();
        Pagemap.Dispose();
    }
}
