using Damon.Lab.Guest.Running;
using Damon.Testing;

namespace Damon.Lab.Tests;

public class LabListTests
{
    [Fact]
    public void Every_test_of_the_inside_has_a_name_of_its_own() => Guest.LabTests.All.Select(test => test.Name).Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(10);

    [Fact]
    public void Every_set_has_tests() => Guest.LabTests.All.Select(test => test.Set).Should().Contain(LabSet.Smoke);

    [Fact]
    public void The_manual_has_every_variable_and_every_word_of_the_report()
    {
        var manual = RepositoryFiles.Text("tests/lab/README.md");

        string[] variables = ["DAMON_LAB", "DAMON_LAB_KERNEL", "DAMON_LAB_MIRROR", "DAMON_LAB_CACHE", "DAMON_LAB_ONLY"];
        variables.Should().OnlyContain(name => manual.Contains($"| `{name}` |"));
        Enum.GetValues<LabEventKind>().Should().OnlyContain(kind => manual.Contains($"| `{kind.ToString().ToLowerInvariant()}` |"));
    }
}
