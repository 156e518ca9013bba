using Damon.Api.Manifests;
using Damon.Api.Schemes;
using Damon.Testing;

namespace Damon.Api.Tests.Schemes;

public class SampleTests
{
    public static TheoryData<string> Samples => [.. RepositoryFiles.Names("deploy/samples")];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_is_valid_named_as_its_file_and_changes_nothing_as_it_stands(string name)
    {
        var result = DamonSchemeReader.Read(name, RepositoryFiles.Bytes($"deploy/samples/{name}").AsSpan());
        result.Errors.Should().BeEmpty();
        var scheme = result.Schemes.Should().ContainSingle().Subject;
        $"{scheme.Name}.yaml".Should().Be(name);
        scheme.Spec.Mode.Should().Be(SchemeMode.Observe);
    }

    [Theory]
    [InlineData("reclaim-cold.yaml")]
    [InlineData("cold-hint.yaml")]
    [InlineData("prefetch.yaml")]
    [InlineData("huge-pages-hot.yaml")]
    [InlineData("reclaim-cgroup.yaml")]
    [InlineData("reclaim-node.yaml")]
    [InlineData("demote-cold.yaml")]
    public void A_sample_that_can_act_is_ready_to(string name)
    {
        ManifestOverride.TryParse("mode=Enforce", out var enforce, out _).Should().BeTrue();
        DamonSchemeReader.Read(name, RepositoryFiles.Bytes($"deploy/samples/{name}").AsSpan(), [enforce!]).Errors.Should().BeEmpty();
    }
}
