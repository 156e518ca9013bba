using System.Diagnostics.CodeAnalysis;
using Damon.Demo.Commands;
using Damon.Demo.Reports;
using Damon.Demo.Verdicts;
using Damon.Testing;

namespace Damon.Demo.Tests.Commands;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Reads the manual.")]
public class DocumentationTests
{
    private static readonly string Manual = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "docs/demo.md"));

    [Fact]
    public void The_manual_has_every_exit_code()
    {
        int[] codes = [.. typeof(ExitCode).GetFields().Select(field => (int)field.GetRawConstantValue()!)];

        codes.Should().HaveCount(5).And.OnlyContain(code => Manual.Contains($"\n| {code} | "));
    }

    [Fact]
    public void The_manual_has_every_bound()
    {
        double[] bounds = [.. typeof(Bounds).GetFields().Select(field => (double)field.GetRawConstantValue()!)];

        bounds.Should().HaveCount(6).And.OnlyContain(bound => Manual.Contains($" {Text.Percent(bound)} "));
    }
}
