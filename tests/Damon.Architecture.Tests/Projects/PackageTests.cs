using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Xml.Linq;
using Damon.Testing;

namespace Damon.Architecture.Tests.Projects;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Runs the SDK and reads what it wrote, not a host.")]
public class PackageTests
{
    /// <summary>Packs what this test run was built with, so it needs no build and no network.</summary>
    [Fact]
    public void The_engine_s_package_brings_its_documentation_and_depends_on_the_native_types_alone()
    {
        var folder = Directory.CreateTempSubdirectory("damon-package-");
        try
        {
            Pack(folder.FullName);
            using var package = ZipFile.OpenRead(Directory.GetFiles(folder.FullName, "Damon.Engine.*.nupkg").Should().ContainSingle().Subject);
            var files = package.Entries.Select(entry => entry.FullName).ToList();
            files.Should().Contain(["README.md", "lib/net10.0/Damon.Engine.dll", "lib/net10.0/Damon.Engine.xml"]);
            using var stream = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
            var nuspec = XDocument.Load(stream);

            nuspec.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")?.Value).Should().Equal("Tmds.LibC");
            nuspec.Descendants().Single(element => element.Name.LocalName == "license").Value.Should().Be("Apache-2.0");
            nuspec.Descendants().Single(element => element.Name.LocalName == "readme").Value.Should().Be("README.md");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Pack(string folder)
    {
        // The last part of the output folder is the configuration, as the artifacts layout has it.
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var start = new ProcessStartInfo(DotnetHost.ProgramPath)
        {
            WorkingDirectory = TestPaths.RepositoryRoot,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "pack", "src/Damon.Engine", "-c", configuration, "--no-build", "--no-restore", "-o", folder },
        };
        using var pack = Process.Start(start)!;
        var errors = pack.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = pack.StandardOutput.ReadToEnd();
        pack.WaitForExit();
        pack.ExitCode.Should().Be(0, "{0}{1}", output, errors.Result);
    }
}
