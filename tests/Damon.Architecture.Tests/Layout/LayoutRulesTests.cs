namespace Damon.Architecture.Tests.Layout;

public class LayoutRulesTests
{
    [Fact]
    public void Every_file_lies_shallow_and_in_no_drawer()
    {
        var projects = Repository.Projects();
        var violations = projects.SelectMany(project => Repository.Sources(project.Folder).SelectMany(file => LayoutRules.Violations(file, project.Folder)));

        violations.Should().BeEmpty();
    }

    [Theory]
    [InlineData("src/A/B/C/D/E/F.cs", "4 folders")]
    [InlineData("src/A/Utils/F.cs", "named Utils")]
    [InlineData("src/A/B/Helpers/F.cs", "named Helpers")]
    [InlineData("src/A/common/F.cs", "named common")]
    [InlineData("src/A/FileHelper.cs", "named Helper")]
    [InlineData("src/A/RegionManager.cs", "named Manager")]
    [InlineData("src/A/StringUtils.Join.cs", "named Utils")]
    public void A_deep_file_or_a_drawer_is_found(string path, string violation) =>
        LayoutRules.Violations(new SourceFile(path, ""), "src/A").Should().ContainSingle().Which.Should().Contain(violation);

    [Theory]
    [InlineData("src/A/F.cs")]
    [InlineData("src/A/B/C/D/F.cs")]
    [InlineData("src/A/Managed/Uncommon.cs")]
    public void A_shallow_file_with_a_name_of_its_own_is_none(string path) => LayoutRules.Violations(new SourceFile(path, ""), "src/A").Should().BeEmpty();

    [Fact]
    public void Every_file_has_one_public_type_of_its_own_name() => Repository.Sources("src").SelectMany(LayoutRules.PublicTypeViolations).Should().BeEmpty();

    [Theory]
    [InlineData("A", "public class A;\npublic enum B { C }", "public types A, B")]
    [InlineData("A", "public sealed record B(int C);", "public type B")]
    [InlineData("A", "public readonly record struct B(int C);", "public type B")]
    [InlineData("A", "public static partial class B\n{\n}", "public type B")]
    [InlineData("A", "public delegate Task<int> B(string c);", "public type B")]
    [InlineData("A", "public interface IA\n{\n}", "public type IA")]
    public void A_file_with_another_type_is_found(string stem, string code, string violation) =>
        LayoutRules.PublicTypeViolations(new SourceFile($"src/X/{stem}.cs", code)).Should().ContainSingle().Which.Should().Contain(violation);

    [Theory]
    [InlineData("A", "public class A\n{\n    public enum B { C }\n}")]
    [InlineData("A", "public class A;\ninternal class B;")]
    [InlineData("A", "public readonly struct A<T>;\npublic static class A;")]
    [InlineData("A.Parts", "public partial class A;")]
    [InlineData("A", "internal class B;")]
    public void A_file_with_one_public_type_of_its_name_is_none(string stem, string code) =>
        LayoutRules.PublicTypeViolations(new SourceFile($"src/X/{stem}.cs", code)).Should().BeEmpty();
}
