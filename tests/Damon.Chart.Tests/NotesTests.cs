using Damon.Api.Schemes;
using Damon.Chart.Tests.Rendering;

namespace Damon.Chart.Tests;

/// <summary>What an admin reads after an installation.</summary>
public class NotesTests
{
    [Theory]
    [InlineData("", "The cluster's mode is Observe", "{\"spec\":{\"mode\":\"Enforce\"}}")]
    [InlineData("operator.clusterMode=Enforce", "The cluster's mode is Enforce", "{\"spec\":{\"mode\":\"Off\"}}")]
    [InlineData("operator.clusterConfig.mode=Off", "The cluster's mode is Off", "{\"spec\":{\"mode\":\"Observe\"}}")]
    [InlineData("agent.securityProfile=minimal", "The profile minimal only observes", "helm test damon --namespace damon-system")]
    [InlineData("admissionPolicy.enabled=false", "WARNING: admissionPolicy.enabled is false", "To stop everything at once")]
    public void They_say_what_to_do_next(string values, string first, string second) => Notes(values).Should().Contain(first).And.Contain(second);

    [Fact]
    public void Their_scheme_is_one_that_changes_nothing()
    {
        var text = Notes("");
        var from = text.IndexOf("<<'YAML'\n", StringComparison.Ordinal) + "<<'YAML'\n".Length;
        var yaml = string.Join('\n', text[from..text.IndexOf("\n     YAML", from, StringComparison.Ordinal)].Split('\n').Select(line => line.Length > 5 ? line[5..] : ""));
        var read = DamonSchemeReader.Read("notes.yaml", System.Text.Encoding.UTF8.GetBytes(yaml));
        read.Errors.Should().BeEmpty();
        read.Schemes.Should().ContainSingle().Which.Spec.Mode.Should().Be(SchemeMode.Observe);
    }

    private static string Notes(string values)
    {
        var (exitCode, output) = ChartProgram.TryInstall(values.Length == 0 ? [] : ["--set", values]);
        exitCode.Should().Be(0, output);
        return output[output.IndexOf("NOTES:\n", StringComparison.Ordinal)..];
    }
}
