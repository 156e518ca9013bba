using Damon.Testing;

namespace Damon.Delivery.Tests.Images;

public class ContainerfileRulesTests
{
    private const string Good = "ARG BASE\nFROM ${BASE} AS build\nRUN make\nFROM scratch\nCOPY --from=build /out /\nUSER 65532:65532\nENTRYPOINT [\"/usr/bin/x\"]\n";

    [Theory]
    [InlineData("operator")]
    [InlineData("agent")]
    public void Our_images_keep_the_rules(string image) => ContainerfileRules.Violations(RepositoryFiles.Text($"deploy/images/{image}/Containerfile")).Should().BeEmpty();

    [Fact]
    public void The_operator_is_not_root() => RepositoryFiles.Text("deploy/images/operator/Containerfile").Should().Contain("\nUSER 65532:65532\n");

    [Theory]
    [InlineData("${BASE}", "ghcr.io/a/b:1", "not pinned")]
    [InlineData("${BASE}", "${OTHER}", "not pinned")]
    [InlineData("ARG BASE", "ARG BASE=ghcr.io/a/b:latest", "not pinned")]
    [InlineData("FROM scratch", "FROM other", "not pinned")]
    [InlineData("USER 65532:65532", "USER app", "names no user by number")]
    [InlineData("USER 65532:65532\n", "", "names no user by number")]
    [InlineData("ENTRYPOINT [\"/usr/bin/x\"]", "ENTRYPOINT /usr/bin/x", "started by a shell")]
    [InlineData("COPY --from=build /out /", "RUN apt-get update", "runs in the last stage")]
    public void What_breaks_them_is_found(string good, string bad, string violation)
    {
        ContainerfileRules.Violations(Good).Should().BeEmpty();
        ContainerfileRules.Violations(Good.Replace(good, bad, StringComparison.Ordinal)).Should().ContainSingle().Which.Should().Contain(violation);
    }

    [Theory]
    [InlineData("FROM scratch", "FROM build")]
    [InlineData("FROM scratch", "FROM ghcr.io/a/b@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void What_is_pinned_in_other_ways_is_none(string good, string other) => ContainerfileRules.Violations(Good.Replace(good, other, StringComparison.Ordinal)).Should().BeEmpty();
}
