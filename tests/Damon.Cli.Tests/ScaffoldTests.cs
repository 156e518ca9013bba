namespace Damon.Cli.Tests;

public class ScaffoldTests
{
    [Fact]
    public void One() => Damon.Testing.TestPaths.RepositoryRoot.Should().NotBeEmpty();
}
