using Damon.Patterns;

namespace Damon.Workload.Memory;

/// <summary>All memory of a pattern, mapped and populated: no page is first touched while a phase runs. Disposing it gives everything back, files too.</summary>
internal sealed class WorkloadMemory : IDisposable
{
    private const ulong HugePageBytes = 2 << 20;

    private readonly List<GuardedMapping> _mappings = [];
    private readonly List<BackingFile> _files = [];
    private readonly List<MappedRegion> _regions = [];
    private string? _folder;

    private WorkloadMemory()
    {
    }

    /// <summary>In the pattern's order.</summary>
    public IReadOnlyList<MappedRegion> Regions => _regions;

    /// <summary>Maps and populates the pattern's regions.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="scale">What every region's size is multiplied by.</param>
    /// <param name="layout">How regions lie beside each other.</param>
    /// <param name="directory">The folder below which a folder for file regions is made.</param>
    /// <param name="machine">The machine's facts.</param>
    /// <param name="cancellation">Ends populating early; what is returned then may not be populated.</param>
    public static WorkloadMemoryResult Create(WorkloadPattern pattern, double scale, RegionLayout layout, string directory, IMachineFacts machine, CancellationToken cancellation)
    {
        var memory = new WorkloadMemory();
        var refusal = memory.Map(pattern, scale, layout, directory, machine, cancellation);
        if (refusal is null)
            return new WorkloadMemoryResult(memory, Refusal: null);

        memory.Dispose();
        return new WorkloadMemoryResult(Memory: null, refusal);
    }

    /// <summary>The size a region has when it is mapped: whole pages, whole huge pages where those are advised.</summary>
    public static ulong MappedBytes(PatternRegion region, double scale)
    {
        var unit = UnitBytes(region.Backing);
        var scaled = Math.Max(1, (ulong)Math.Ceiling(region.SizeBytes * scale));
        return (scaled + unit - 1) / unit * unit;
    }

    public void Dispose()
    {
        foreach (var mapping in _mappings)
            mapping.Dispose();
        foreach (var file in _files)
            file.Dispose();
        if (_folder is not null)
            ToolFiles.DeleteEmptyFolder(_folder);
        _mappings.Clear();
        _files.Clear();
        _regions.Clear();
        _folder = null;
    }

    private static ulong UnitBytes(RegionBacking backing) => backing == RegionBacking.Huge ? HugePageBytes : (ulong)Environment.SystemPageSize;

    /// <summary>
    /// Files are mapped where the kernel itself would put a large one: at a huge page's boundary. Elsewhere every folio that lies across such a boundary is
    /// split and unmapped by a page-out, and stays in the page cache (seen on Linux 6.18 with ext4's folios of 1 MiB).
    /// </summary>
    private static ulong AlignmentBytes(RegionBacking backing) => backing == RegionBacking.File ? HugePageBytes : UnitBytes(backing);

    private string? Map(WorkloadPattern pattern, double scale, RegionLayout layout, string directory, IMachineFacts machine, CancellationToken cancellation)
    {
        // Linux promises memory it does not have and kills later; better to say so before the first page is touched.
        var anonymousBytes = pattern.Regions.Where(region => region.Backing != RegionBacking.File)
            .Aggregate(0UL, (sum, region) => sum + MappedBytes(region, scale));
        var availableBytes = machine.AvailableBytes();
        if (anonymousBytes > availableBytes)
            return $"the pattern needs {anonymousBytes >> 20} MiB of memory, {availableBytes >> 20} MiB are available: make it smaller with --scale";

        if (pattern.Regions.Any(region => region.Backing == RegionBacking.File))
        {
            if (FileSystemRule.RefusalFor(directory, machine.FileSystemTypeOf(directory)) is { } refusal)
                return refusal;
            if (!ToolFiles.TryCreateOwnFolder(directory, out _folder, out var error))
                return $"no folder for the file regions: {error}";
        }

        if (layout == RegionLayout.Adjacent)
            return MapAdjacent(pattern, scale, anonymousBytes, cancellation);

        for (var index = 0; index < pattern.Regions.Count; index++)
        {
            var failure = MapRegion(pattern.Regions[index], index, scale, cancellation);
            if (failure is not null)
                return $"region '{pattern.Regions[index].Name}': {failure}";
        }

        return null;
    }

    private string? MapAdjacent(WorkloadPattern pattern, double scale, ulong sizeBytes, CancellationToken cancellation)
    {
        if (pattern.Regions.FirstOrDefault(region => region.Backing != RegionBacking.Anonymous) is { } other)
            return $"region '{other.Name}' is {other.Backing}: only Anonymous regions can be adjacent in one mapping";

        var mapping = GuardedMapping.TryCreate(sizeBytes, UnitBytes(RegionBacking.Anonymous), file: null, out var errorNumber);
        if (mapping is null)
            return GuardedMapping.Describe(errorNumber);

        _mappings.Add(mapping);
        mapping.WriteEachPage(cancellation);
        var start = mapping.Start;
        foreach (var region in pattern.Regions)
        {
            var regionBytes = MappedBytes(region, scale);
            _regions.Add(new MappedRegion(region.Name, start, regionBytes, region.Backing, File: null));
            start += regionBytes;
        }

        return null;
    }

    private string? MapRegion(PatternRegion region, int index, double scale, CancellationToken cancellation)
    {
        var sizeBytes = MappedBytes(region, scale);
        BackingFile? file = null;
        if (region.Backing == RegionBacking.File)
        {
            try
            {
                file = new BackingFile(Path.Combine(_folder!, $"{index}-{FileNameOf(region.Name)}"), sizeBytes);
                _files.Add(file);
                file.Fill(cancellation);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return exception.Message;
            }
        }

        var mapping = GuardedMapping.TryCreate(sizeBytes, AlignmentBytes(region.Backing), file?.Handle, out var errorNumber);
        if (mapping is null)
            return GuardedMapping.Describe(errorNumber);

        _mappings.Add(mapping);
        if (region.Backing == RegionBacking.Huge && mapping.AdviseHugePages() is not 0 and var adviceError)
            return $"huge pages cannot be advised: {GuardedMapping.Describe(adviceError)}";

        if (file is null)
            mapping.WriteEachPage(cancellation);
        else
            mapping.ReadEachPage(cancellation);
        _regions.Add(new MappedRegion(region.Name, mapping.Start, sizeBytes, region.Backing, file?.Path));
        return null;
    }

    private static string FileNameOf(string region) =>
        string.Create(region.Length, region, static (name, source) =>
        {
            for (var index = 0; index < name.Length; index++)
                name[index] = char.IsAsciiLetterOrDigit(source[index]) || source[index] is '-' or '_' ? source[index] : '_';
        });
}
