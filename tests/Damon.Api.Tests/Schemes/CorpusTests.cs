using Damon.Api.Schemes;
using Damon.Testing;

namespace Damon.Api.Tests.Schemes;

public class CorpusTests
{
    private const string Broken = "tests/Damon.Api.Tests/Corpus/Broken";
    private const string Good = "tests/Damon.Api.Tests/Corpus/Good";

    public static TheoryData<string> BrokenFiles => [.. RepositoryFiles.Names(Broken, except: ".expected")];

    public static TheoryData<string> GoodFiles => [.. RepositoryFiles.Names(Good)];

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_broken_file_gives_exactly_the_errors_beside_it(string name)
    {
        var result = DamonSchemeReader.Read(name, RepositoryFiles.Bytes($"{Broken}/{name}").AsSpan());
        result.Schemes.Should().BeEmpty();
        result.Errors.Select(e => e.ToString()).Should().Equal(RepositoryFiles.Text($"{Broken}/{name}.expected").Split('\n', StringSplitOptions.RemoveEmptyEntries)).And.NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(GoodFiles))]
    public void A_good_file_gives_schemes(string name)
    {
        var result = DamonSchemeReader.Read(name, RepositoryFiles.Bytes($"{Good}/{name}").AsSpan());
        result.Errors.Should().BeEmpty();
        result.Schemes.Should().NotBeEmpty();
    }

    [Fact]
    public void The_corpus_is_there()
    {
        RepositoryFiles.Names(Broken, except: ".expected").Should().HaveCountGreaterThanOrEqualTo(45);
        RepositoryFiles.Names(Good).Should().HaveCountGreaterThanOrEqualTo(10);
    }
}
