namespace Damon.Architecture.Tests.Projects;

public class ReferenceRulesTests
{
    [Fact]
    public void References_keep_to_the_table() => ReferenceRules.Violations(Repository.Projects()).Should().BeEmpty();

    [Fact]
    public void The_table_has_no_row_without_a_project() => ReferenceRules.RowsWithoutProject(Repository.Projects()).Should().BeEmpty();

    [Fact]
    public void A_row_without_a_project_is_found() => ReferenceRules.RowsWithoutProject([]).Should().Contain("Damon.Engine");

    [Theory]
    [InlineData("src/Damon.Engine/Damon.Engine.csproj", "Package", "YamlDotNet", "may not reference the package YamlDotNet")]
    [InlineData("src/Damon.Engine/Damon.Engine.csproj", "Project", "../Damon.Api/Damon.Api.csproj", "may not reference Damon.Api")]
    [InlineData("src/Damon.Api/Damon.Api.csproj", "Package", "Tmds.LibC", "may not reference the package Tmds.LibC")]
    [InlineData("src/Damon.Api/Damon.Api.csproj", "Project", "../Damon.Engine/Damon.Engine.csproj", "may not reference Damon.Engine")]
    [InlineData("src/Damon.Kubernetes/Damon.Kubernetes.csproj", "Project", "../Damon.Engine/Damon.Engine.csproj", "may not reference Damon.Engine")]
    [InlineData("src/Damon.Patterns/Damon.Patterns.csproj", "Project", "../Damon.Engine/Damon.Engine.csproj", "may not reference Damon.Engine")]
    [InlineData("src/Damon.Api/Damon.Api.csproj", "Framework", "Microsoft.AspNetCore.App", "may not reference the package Microsoft.AspNetCore.App")]
    [InlineData("src/NodeAgent/Damon.NodeAgent.csproj", "Project", "../Operator/Damon.Operator.csproj", "must never reference Damon.Operator")]
    [InlineData("src/Operator/Damon.Operator.csproj", "Project", "../NodeAgent/Damon.NodeAgent.csproj", "must never reference Damon.NodeAgent")]
    [InlineData("src/Damon.Cli/Damon.Cli.csproj", "Project", "../Operator/Damon.Operator.csproj", "must never reference Damon.Operator")]
    [InlineData("src/Damon.Cli/Damon.Cli.csproj", "Project", "../../tools/workload/Damon.Workload.csproj", "references tools/workload/Damon.Workload.csproj")]
    [InlineData("src/Damon.Api/Damon.Api.csproj", "Project", "..\\..\\tests\\Damon.Testing\\Damon.Testing.csproj", "references tests/Damon.Testing/Damon.Testing.csproj")]
    [InlineData("tools/workload/Damon.Workload.csproj", "Project", "../../tests/Damon.Testing/Damon.Testing.csproj", "references tests/Damon.Testing/Damon.Testing.csproj")]
    [InlineData("tools/workload/Damon.Workload.csproj", "Project", "../../src/Damon.Engine/Damon.Engine.csproj", "may not reference Damon.Engine")]
    [InlineData("src/Damon.New/Damon.New.csproj", "Package", "YamlDotNet", "is not in the table")]
    [InlineData("tools/new/Damon.New.csproj", "Package", "YamlDotNet", "is not in the table")]
    public void A_reference_outside_the_table_is_found(string path, string kind, string include, string violation) =>
        ReferenceRules.Violations([Project(path, kind, include)]).Should().Contain(found => found.Contains(violation));

    [Theory]
    [InlineData("src/Damon.Engine/Damon.Engine.csproj", "Package", "Tmds.LibC")]
    [InlineData("src/NodeAgent/Damon.NodeAgent.csproj", "Project", "../Damon.Engine/Damon.Engine.csproj")]
    [InlineData("tests/Damon.Api.Tests/Damon.Api.Tests.csproj", "Project", "../Damon.Testing/Damon.Testing.csproj")]
    public void A_reference_of_the_table_or_of_a_test_is_none(string path, string kind, string include) =>
        ReferenceRules.Violations([Project(path, kind, include)]).Should().BeEmpty();

    [Theory]
    [InlineData("false", true)]
    [InlineData("true", false)]
    public void A_project_that_is_only_built_before_is_no_reference(string links, bool allowed)
    {
        var project = ProjectFile.Parse(
            "tools/workload/Damon.Workload.csproj",
            $"""<Project><ItemGroup><ProjectReference Include="../../src/Damon.Cli/Damon.Cli.csproj" ReferenceOutputAssembly="{links}" /></ItemGroup></Project>""");

        (ReferenceRules.Violations([project]).Count == 0).Should().Be(allowed);
    }

    private static ProjectFile Project(string path, string kind, string include) =>
        ProjectFile.Parse(path, $"""<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><{kind}Reference Include="{include}" /></ItemGroup></Project>""");
}
