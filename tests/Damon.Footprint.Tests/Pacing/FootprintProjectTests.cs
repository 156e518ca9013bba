using System.Xml.Linq;
using Damon.Testing;

namespace Damon.Footprint.Tests.Pacing;

public class FootprintProjectTests
{
    /// <summary>Of the project, not of the program: its name, that it is not packed, and for which machines it can be compiled.</summary>
    private static readonly string[] MayDiffer = ["AssemblyName", "RootNamespace", "Description", "IsPackable", "RuntimeIdentifiers"];

    [Fact]
    public void The_agent_that_is_measured_is_compiled_as_the_one_that_ships()
    {
        var shipped = SettingsOf("src/Damon.Agent/Damon.Agent.csproj");
        shipped.Should().Contain("PublishAot=true");
        SettingsOf("benchmarks/Damon.Footprint.Agent/Damon.Footprint.Agent.csproj").Should().Equal(shipped);
    }

    private static List<string> SettingsOf(string project)
    {
        var root = XDocument.Parse(RepositoryFiles.Text(project)).Root!;
        return
        [
            .. root.Elements("PropertyGroup").Elements().Where(property => !MayDiffer.Contains(property.Name.LocalName, StringComparer.Ordinal)).Select(property => $"{property.Name.LocalName}={property.Value}")
                .Concat(root.Elements("ItemGroup").Elements("RuntimeHostConfigurationOption").Select(option => $"{option.Attribute("Include")!.Value}={option.Attribute("Value")!.Value}"))
                .Order(StringComparer.Ordinal),
        ];
    }
}
