namespace Damon.Architecture.Tests.Projects;

/// <summary>
/// Which project may reference what. The table is the architecture's direction of references: a project that is not in it, or a reference that is not in
/// its row, is a violation until someone decides otherwise here.
/// </summary>
internal static class ReferenceRules
{
    private static readonly ReferenceRow[] Table =
    [
        //   project            packages                                                       projects
        new("Damon.Engine", ["Tmds.LibC", "Microsoft.Extensions.Logging.Abstractions"], []),
        new("Damon.Api", ["YamlDotNet"], []),
        new("Damon.Kubernetes", ["KubernetesClient.Aot"], ["Damon.Api"]),
        new("Damon.Hosting", ["Microsoft.AspNetCore.App"], ["Damon.Api"]),
        new("Damon.Patterns", [], ["Damon.Api"]),
        new("Damon.Interchange", [], ["Damon.Api", "Damon.Engine"]),
        new("Damon.NodeAgent", [], ["Damon.Engine", "Damon.Api", "Damon.Hosting", "Damon.Kubernetes"]),
        new("Damon.Operator", [], ["Damon.Api", "Damon.Hosting", "Damon.Kubernetes"]),
        new("Damon.Agent", [], ["Damon.NodeAgent"]),
        new("Damon.Cli", ["Spectre.Console", "System.CommandLine"], ["Damon.Engine", "Damon.Api", "Damon.Patterns", "Damon.Interchange", "Damon.NodeAgent"]),
        new("Damon.Demo", ["System.CommandLine", "Tmds.LibC"], ["Damon.Engine"]),
        new("Damon.Workload", ["System.CommandLine", "Tmds.LibC"], ["Damon.Patterns"]),
    ];

    /// <summary>The two processes meet in the API's objects and nowhere else, and the command line is not a third way into the operator.</summary>
    private static readonly (string From, string To)[] Never =
    [
        ("Damon.NodeAgent", "Damon.Operator"),
        ("Damon.Operator", "Damon.NodeAgent"),
        ("Damon.Cli", "Damon.Operator"),
    ];

    /// <summary>What breaks the table, of all projects below src/ and tools/.</summary>
    public static IReadOnlyList<string> Violations(IReadOnlyList<ProjectFile> projects) =>
        [.. projects.Where(project => project.IsBelow("src") || project.IsBelow("tools")).SelectMany(ViolationsOf)];

    /// <summary>Rows without a project: what is no longer there is no longer allowed.</summary>
    public static IReadOnlyList<string> RowsWithoutProject(IReadOnlyList<ProjectFile> projects) =>
        [.. Table.Select(row => row.Project).Where(name => projects.All(project => project.Name != name))];

    private static IEnumerable<string> ViolationsOf(ProjectFile project)
    {
        foreach (var reference in project.References)
        {
            var to = Path.GetFileNameWithoutExtension(reference);
            if (!reference.StartsWith("src/", StringComparison.Ordinal))
                yield return $"{project.Name} references {reference}: nothing that ships, and no tool, depends on tests or tools";
            if (Never.Contains((project.Name, to)))
                yield return $"{project.Name} must never reference {to}";
        }

        var row = Array.Find(Table, row => row.Project == project.Name);
        if (row is null)
        {
            yield return $"{project.Path} is not in the table of references";
            yield break;
        }

        foreach (var package in project.Packages.Except(row.Packages))
            yield return $"{project.Name} may not reference the package {package}";
        foreach (var reference in project.References.Select(reference => Path.GetFileNameWithoutExtension(reference)!).Except(row.Projects))
            yield return $"{project.Name} may not reference {reference}";
    }

    private sealed record ReferenceRow(string Project, string[] Packages, string[] Projects);
}
