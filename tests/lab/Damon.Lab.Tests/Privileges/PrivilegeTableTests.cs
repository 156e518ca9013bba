using Damon.Engine.Machine;
using Damon.Lab.Guest.Privileges;
using Damon.Testing;

namespace Damon.Lab.Tests.Privileges;

public class PrivilegeTableTests
{
    private const string Manual = "docs/privileges.md";

    [Fact]
    public void The_manuals_table_is_the_one_that_the_inside_tests()
    {
        var lines = RepositoryFiles.Text(Manual).Split('\n').SkipWhile(line => !line.StartsWith("| what the agent does |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'));

        lines.Should().Equal(PrivilegeTable.Rows.Select(row => row.ToMarkdown()));
    }

    [Fact]
    public void Every_deed_has_one_row() => PrivilegeTable.Rows.Select(row => row.Deed).Should().Equal(Enum.GetValues<Deed>());

    [Fact]
    public void The_sample_gives_what_is_documented_and_takes_away_everything_else()
    {
        var sample = RepositoryFiles.Text(Manual);

        string.Join(',', sample.Split("add: [")[1].Split(']')[0].Split(", ").Select(name => $"CAP_{name}").Order(StringComparer.Ordinal))
            .Should().Be(string.Join(',', CapabilitySet.Of(PrivilegeTable.Documented).Select(CapabilitySet.NameOf).Order(StringComparer.Ordinal)));
        sample.Should().Contain("drop: [ALL]").And.Contain("readOnlyRootFilesystem: true").And.Contain("allowPrivilegeEscalation: false").And.NotContain("privileged: true\n");
    }

    [Fact]
    public void The_manual_names_what_observing_takes()
    {
        var line = RepositoryFiles.Text(Manual).Split('\n').Should().ContainSingle(line => line.StartsWith("| only observe |", StringComparison.Ordinal)).Subject;

        string.Join(',', line.Split('|')[2].Split(',').Select(name => name.Trim(' ', '`')).Order(StringComparer.Ordinal))
            .Should().Be(string.Join(',', CapabilitySet.Of(PrivilegeTable.DocumentedForObserving).Select(CapabilitySet.NameOf).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void With_the_documented_capabilities_only_what_they_are_not_for_is_refused() =>
        PrivilegeTable.Rows.Where(row => row.Expected(PrivilegeTable.Documented, isOtherUser: true, monitorsLook: false) != row.Otherwise).Select(row => row.Deed).Should().Equal(Deed.ClearReferenced, Deed.Signal);

    [Fact]
    public void Each_documented_capability_is_needed_for_something() =>
        CapabilitySet.Of(PrivilegeTable.Documented).Should().OnlyContain(missing => PrivilegeTable.Rows.Any(row =>
            row.Expected(PrivilegeTable.Documented & ~missing, true, true) != row.Expected(PrivilegeTable.Documented, true, true)));

    [Theory]
    [InlineData("", ProcessCapabilities.None)]
    [InlineData("CAP_KILL", ProcessCapabilities.Kill)]
    [InlineData("CAP_DAC_OVERRIDE,CAP_SYS_NICE", ProcessCapabilities.DacOverride | ProcessCapabilities.SysNice)]
    public void A_set_of_capabilities_is_written_as_it_is_read(string text, ProcessCapabilities capabilities)
    {
        CapabilitySet.TryParse(text, out var read).Should().BeTrue();
        read.Should().Be(capabilities);
        CapabilitySet.Format(read).Should().Be(text);
        CapabilitySet.TryParse("CAP_NONE", out _).Should().BeFalse();
    }
}
