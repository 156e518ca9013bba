using System.Xml.Linq;

namespace Damon.Architecture.Tests.Projects;

/// <summary>What holds for every project that ships: compatible with compilation ahead of time, and no warning switched off for a whole project.</summary>
internal static class ProductRules
{
    /// <summary>Properties that a product's project does not set: the first three weaken warnings, the others belong to the folder it lies in.</summary>
    private static readonly string[] NotInProject = ["NoWarn", "TreatWarningsAsErrors", "WarningsNotAsErrors", "IsAotCompatible", "IsProduct", "EnableAotAnalyzer", "EnableTrimAnalyzer"];

    public static IReadOnlyList<string> Violations(IReadOnlyList<ProjectFile> projects) =>
    [
        .. projects.Where(project => project.IsBelow("src"))
            .SelectMany(project => project.Properties.Where(property => NotInProject.Contains(property.Name)).Select(property => $"{project.Path} sets {property.Name}")),
    ];

    /// <summary>Whether the shared properties make every project below src/ compatible with compilation ahead of time.</summary>
    /// <param name="buildProps">Text of Directory.Build.props.</param>
    /// <param name="productProps">Text of eng/Product.props.</param>
    public static IReadOnlyList<string> AheadOfTimeViolations(string buildProps, string productProps)
    {
        var violations = new List<string>();
        var build = XDocument.Parse(buildProps).Root!;
        if (!build.Descendants("IsProduct").Any(property => property.Value == "true" && Condition(property).Contains("'/src/'")))
            violations.Add("Directory.Build.props does not take the projects below src/ for products");
        if (!build.Elements("Import").Any(import => import.Attribute("Project")?.Value == "eng/Product.props" && Condition(import).Contains("$(IsProduct)")))
            violations.Add("Directory.Build.props does not import eng/Product.props for products");
        if (!XDocument.Parse(productProps).Descendants("IsAotCompatible").Any(property => property.Value == "true" && Condition(property).Length == 0))
            violations.Add("eng/Product.props does not set IsAotCompatible");
        return violations;
    }

    private static string Condition(XElement element) => element.Attribute("Condition")?.Value ?? "";
}
