namespace Damon.Architecture.Tests.Engine;

public class NamespaceRulesTests
{
    [Fact]
    public void Every_part_of_the_engine_uses_only_what_it_may() => Repository.Sources("src/Damon.Engine").SelectMany(NamespaceRules.Violations).Should().BeEmpty();

    [Fact]
    public void The_engine_has_source_files() => Repository.Sources("src/Damon.Engine").Should().NotBeEmpty();

    [Theory]
    [InlineData("Interop", "Host")]
    [InlineData("Host", "Probes")]
    [InlineData("Host", "Regions")]
    [InlineData("Regions", "Monitoring")]
    [InlineData("Regions", "Schemes")]
    [InlineData("Schemes", "Monitoring")]
    [InlineData("Schemes", "Host")]
    [InlineData("Monitoring", "Host")]
    [InlineData("Monitoring", "Interop")]
    [InlineData("Monitoring", "Simulation")]
    [InlineData("Simulation", "Host")]
    [InlineData("Probes", "Actions")]
    public void A_use_against_the_direction_is_found(string part, string used)
    {
        NamespaceRules.Violations(File(part, $"using Damon.Engine.{used};")).Should().Equal($"src/Damon.Engine/{part}/A.cs: {part} may not use {used}");
        NamespaceRules.Violations(File(part, "", $"Damon.Engine.{used}.B b;")).Should().HaveCount(1, "a full name is a use as well");
        NamespaceRules.Violations(File(part, $"using static Damon.Engine.{used}.B;")).Should().HaveCount(1);
    }

    [Theory]
    [InlineData("Host", "Interop")]
    [InlineData("Monitoring", "Regions")]
    [InlineData("Monitoring", "Schemes")]
    [InlineData("Probes", "Host")]
    [InlineData("Actions", "Monitoring")]
    [InlineData("Regions", "Regions")]
    public void A_use_along_the_direction_is_none(string part, string used) => NamespaceRules.Violations(File(part, $"using Damon.Engine.{used};")).Should().BeEmpty();

    [Fact]
    public void A_name_in_a_comment_is_no_use() => NamespaceRules.Violations(File("Regions", "// Damon.Engine.Host reads it")).Should().BeEmpty();

    [Fact]
    public void A_new_part_must_be_put_into_the_table() => NamespaceRules.Violations(File("Surprise", "")).Should().ContainSingle().Which.Should().Contain("Surprise");

    [Fact]
    public void A_file_beside_the_parts_is_found() => NamespaceRules.Violations(new SourceFile("src/Damon.Engine/A.cs", "namespace Damon.Engine;")).Should().HaveCount(1);

    [Fact]
    public void A_namespace_that_is_not_the_folders_is_found() =>
        NamespaceRules.Violations(new SourceFile("src/Damon.Engine/Host/A.cs", "namespace Damon.Engine.Interop;\nclass A;"))
            .Should().Contain("src/Damon.Engine/Host/A.cs declares the namespace 'Damon.Engine.Interop'");

    private static SourceFile File(string part, string before, string after = "") =>
        new($"src/Damon.Engine/{part}/A.cs", $"{before}\nnamespace Damon.Engine.{part};\nclass A {{ {after} }}");
}
