using System.Diagnostics.CodeAnalysis;
using Damon.Patterns;
using Damon.Workload.Memory;

namespace Damon.Workload.Tests.Memory;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks at the files that the memory leaves behind.")]
public sealed class WorkloadMemoryTests : IDisposable
{
    private static readonly MachineFactsTable Disk = new(MachineFactsTable.Ext4);

    private readonly string _directory = Directory.CreateTempSubdirectory("damon-workload-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(1UL, RegionBacking.Anonymous, 1.0, 4096UL)]
    [InlineData(4096UL, RegionBacking.Anonymous, 1.0, 4096UL)]
    [InlineData(4097UL, RegionBacking.File, 1.0, 8192UL)]
    [InlineData(1UL, RegionBacking.Huge, 1.0, 2UL << 20)]
    [InlineData(64UL << 20, RegionBacking.Anonymous, 0.25, 16UL << 20)]
    [InlineData(1UL, RegionBacking.Anonymous, 0.0001, 4096UL)]
    public void A_region_is_scaled_and_rounded_up_to_its_kind_of_page(ulong sizeBytes, RegionBacking backing, double scale, ulong mappedBytes)
    {
        Assert.SkipUnless(Environment.SystemPageSize == 4096, "The table is for pages of 4 KiB.");

        WorkloadMemory.MappedBytes(new PatternRegion("region", sizeBytes, backing), scale).Should().Be(mappedBytes);
    }

    [Fact]
    public void Every_page_of_every_kind_is_there_before_the_first_phase()
    {
        using var memory = Create(Disk, new("heap", 64 << 10, RegionBacking.Anonymous), new("cache", 64 << 10, RegionBacking.File), new("big", 2 << 20, RegionBacking.Huge));

        memory.Regions.Select(region => region.Name).Should().Equal("heap", "cache", "big");
        (memory.Regions[2].Start % (2 << 20)).Should().Be(0);
        foreach (var region in memory.Regions)
            ResidentBytesOf(region).Should().Be(region.SizeBytes, region.Name);
    }

    [Fact]
    public void A_file_region_is_a_file_of_its_own_until_the_memory_is_given_back()
    {
        var memory = Create(Disk, new("cache one", 64 << 10, RegionBacking.File), new("heap", 4096, RegionBacking.Anonymous));
        var file = memory.Regions[0].File;

        file.Should().StartWith(_directory).And.EndWith("0-cache_one");
        new FileInfo(file!).Length.Should().Be(64 << 10);
        File.ReadAllBytes(file!).Should().NotContain((byte)0, "zeros may be kept as a hole");
        memory.Regions[1].File.Should().BeNull();

        memory.Dispose();

        Directory.EnumerateFileSystemEntries(_directory).Should().BeEmpty();
    }

    [Fact]
    public void Memory_file_systems_are_refused_before_anything_is_made()
    {
        Refusal(new MachineFactsTable(MachineFactsTable.Tmpfs), new PatternRegion("cache", 4096, RegionBacking.File)).Should().Contain("tmpfs").And.Contain("--directory");

        Directory.EnumerateFileSystemEntries(_directory).Should().BeEmpty();
    }

    [Fact]
    public void The_file_system_does_not_matter_without_a_file_region()
    {
        using var memory = Create(new MachineFactsTable(MachineFactsTable.Tmpfs), new PatternRegion("heap", 4096, RegionBacking.Anonymous));

        memory.Regions.Should().HaveCount(1);
    }

    [Theory]
    [InlineData(8191UL, false)]
    [InlineData(8192UL, true)]
    public void Anonymous_memory_must_be_available_in_full(ulong availableBytes, bool enough)
    {
        var machine = new MachineFactsTable(MachineFactsTable.Ext4, availableBytes);
        PatternRegion[] regions = [new("one", 4096, RegionBacking.Anonymous), new("two", 4096, RegionBacking.Anonymous), new("cache", 1 << 20, RegionBacking.File)];
        var result = WorkloadMemory.Create(SmallPatterns.OfRegions(regions), 1, RegionLayout.Apart, _directory, machine, TestContext.Current.CancellationToken);
        using (result.Memory)
        {
            (result.Memory is not null).Should().Be(enough);
            (result.Refusal?.Contains("--scale", StringComparison.Ordinal) ?? false).Should().Be(!enough);
        }
    }

    [Fact]
    public void A_file_that_does_not_fit_on_the_disk_is_refused_and_leaves_nothing()
    {
        Refusal(Disk, new PatternRegion("small", 4096, RegionBacking.File), new PatternRegion("endless", 1UL << 56, RegionBacking.File)).Should().Contain("'endless'");

        Directory.EnumerateFileSystemEntries(_directory).Should().BeEmpty();
    }

    [Fact]
    public void A_folder_of_a_killed_predecessor_is_stepped_around()
    {
        var left = Directory.CreateDirectory(Path.Combine(_directory, $"damon-workload-{Environment.ProcessId}-0")).FullName;
        var memory = Create(Disk, new PatternRegion("cache", 4096, RegionBacking.File));
        memory.Regions[0].File.Should().NotStartWith(left);

        memory.Dispose();

        Directory.EnumerateFileSystemEntries(_directory).Should().Equal(left);
    }

    [Fact]
    public void Adjacent_regions_share_one_mapping_in_the_patterns_order()
    {
        PatternRegion[] regions = [new("one", 4096, RegionBacking.Anonymous), new("two", 8192, RegionBacking.Anonymous), new("three", 4096, RegionBacking.Anonymous)];
        using var memory = WorkloadMemory.Create(SmallPatterns.OfRegions(regions), 1, RegionLayout.Adjacent, _directory, Disk, TestContext.Current.CancellationToken).Memory!;

        memory.Regions.Select(region => region.Name).Should().Equal("one", "two", "three");
        memory.Regions.Zip(memory.Regions.Skip(1)).Should().OnlyContain(pair => pair.First.End == pair.Second.Start);
        ResidentBytesOf(memory.Regions[0] with { SizeBytes = memory.Regions[2].End - memory.Regions[0].Start }).Should().Be(16384);
    }

    [Fact]
    public void Only_anonymous_regions_can_be_adjacent()
    {
        PatternRegion[] regions = [new("one", 4096, RegionBacking.Anonymous), new("large", 4096, RegionBacking.Huge)];
        var result = WorkloadMemory.Create(SmallPatterns.OfRegions(regions), 1, RegionLayout.Adjacent, _directory, Disk, TestContext.Current.CancellationToken);

        result.Memory.Should().BeNull();
        result.Refusal.Should().Contain("'large'").And.Contain("Huge");
    }

    private WorkloadMemory Create(MachineFactsTable machine, params PatternRegion[] regions)
    {
        var result = WorkloadMemory.Create(SmallPatterns.OfRegions(regions), 1, RegionLayout.Apart, _directory, machine, TestContext.Current.CancellationToken);
        result.Refusal.Should().BeNull();
        return result.Memory!;
    }

    private string Refusal(MachineFactsTable machine, params PatternRegion[] regions)
    {
        var result = WorkloadMemory.Create(SmallPatterns.OfRegions(regions), 1, RegionLayout.Apart, _directory, machine, TestContext.Current.CancellationToken);
        result.Memory.Should().BeNull();
        return result.Refusal!;
    }

    /// <summary>Rss of the mapping in this process's smaps.</summary>
    private static ulong ResidentBytesOf(MappedRegion region)
    {
        var lines = File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.StartsWith($"{region.Start:x}-{region.End:x} ", StringComparison.Ordinal));
        var rss = lines.FirstOrDefault(line => line.StartsWith("Rss:", StringComparison.Ordinal)) ?? throw new InvalidOperationException($"{region.Name} is not one mapping of its own.");
        return ulong.Parse(rss.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
    }
}
