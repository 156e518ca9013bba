using System.Reflection;
using System.Text.RegularExpressions;
using Damon.NodeAgent.Plans;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Plans;

public class PlanReasonsTests
{
    private static readonly FieldInfo[] Reasons = typeof(PlanReasons).GetFields(BindingFlags.Public | BindingFlags.Static);

    [Fact]
    public void A_reason_is_named_as_it_is_written_and_fits_the_status()
    {
        Reasons.Should().HaveCountGreaterThan(10);
        foreach (var reason in Reasons)
        {
            reason.GetValue(null).Should().Be(reason.Name);
            Regex.IsMatch(reason.Name, "^[A-Z][A-Za-z]{0,63}$", RegexOptions.None, TimeSpan.FromSeconds(1)).Should().BeTrue(reason.Name);
        }
    }

    [Fact]
    public void Every_reason_is_in_the_reference()
    {
        var reference = RepositoryFiles.Text("docs/reference/damonnode.md");
        Reasons.Where(reason => !reference.Contains($"`{reason.Name}`", StringComparison.Ordinal)).Should().BeEmpty();
    }
}
