namespace Damon.Architecture.Tests.Projects;

public class ProductRulesTests
{
    private const string GoodBuild = """
        <Project>
          <PropertyGroup><IsProduct Condition="$(MSBuildProjectDirectory.Contains('/src/'))">true</IsProduct></PropertyGroup>
          <Import Project="eng/Product.props" Condition="'$(IsProduct)' == 'true'" />
        </Project>
        """;

    private const string GoodProduct = "<Project><PropertyGroup><IsAotCompatible>true</IsAotCompatible></PropertyGroup></Project>";

    [Fact]
    public void No_product_weakens_its_warnings() => ProductRules.Violations(Repository.Projects()).Should().BeEmpty();

    [Theory]
    [InlineData("NoWarn", "CA1822")]
    [InlineData("TreatWarningsAsErrors", "false")]
    [InlineData("IsAotCompatible", "false")]
    public void A_product_that_weakens_its_warnings_is_found(string property, string value) =>
        ProductRules.Violations([ProjectFile.Parse("src/A/A.csproj", $"<Project><PropertyGroup><{property}>{value}</{property}></PropertyGroup></Project>")])
            .Should().Equal($"src/A/A.csproj sets {property}");

    [Fact]
    public void A_test_project_may_switch_a_warning_off() =>
        ProductRules.Violations([ProjectFile.Parse("tests/A/A.csproj", "<Project><PropertyGroup><NoWarn>CA1822</NoWarn></PropertyGroup></Project>")]).Should().BeEmpty();

    [Fact]
    public void Every_product_is_compatible_with_compilation_ahead_of_time() =>
        ProductRules.AheadOfTimeViolations(Repository.Read("Directory.Build.props"), Repository.Read("eng/Product.props")).Should().BeEmpty();

    [Theory]
    [InlineData("<Project />", GoodProduct, 2)]
    [InlineData(GoodBuild, "<Project />", 1)]
    [InlineData(GoodBuild, "<Project><PropertyGroup><IsAotCompatible>false</IsAotCompatible></PropertyGroup></Project>", 1)]
    [InlineData(GoodBuild, GoodProduct, 0)]
    public void Shared_properties_that_leave_it_out_are_found(string build, string product, int violations) =>
        ProductRules.AheadOfTimeViolations(build, product).Should().HaveCount(violations);
}
