using System.Diagnostics.CodeAnalysis;
using Damon.Demo.Measures;

namespace Damon.Demo.Tests.Measures;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The file whose pages are counted has to be made.")]
public sealed class PageCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("damon-demo-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_just_written_is_in_memory_up_to_its_last_page()
    {
        var path = Path.Combine(_folder, "file");
        File.WriteAllBytes(path, new byte[(3 * Environment.SystemPageSize) + 1]);

        PageCache.ResidentBytes(path).Should().Be(4UL * (ulong)Environment.SystemPageSize);
    }

    [Fact]
    public void A_file_that_is_not_there_has_no_figure() => PageCache.ResidentBytes(Path.Combine(_folder, "gone")).Should().BeNull();
}
