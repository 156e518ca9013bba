using Damon.Testing;

namespace Damon.Delivery.Tests.Images;

/// <summary>What 'make images' has laid out starts, from its own root file system alone.</summary>
public class AssembledImageTests
{
    private static readonly string[] WhatAnImageMayHold =
        ["etc/group", "etc/nsswitch.conf", "etc/passwd", "etc/ssl/certs/ca-certificates.crt", "usr/bin/damon-agent", "usr/bin/damon-operator", "usr/lib/ssl/cert.pem", "usr/lib/ssl/certs"];

    [Theory]
    [InlineData("damon-operator")]
    [InlineData("damon-agent")]
    public async Task A_program_starts_serves_its_probes_and_ends_from_its_root_file_system(string name)
    {
        var run = await ScriptRun.OfAsync(new Dictionary<string, string?>(), "deploy/images/check", name, Root(name));
        Assert.SkipWhen(run.ExitCode == ScriptRun.Unavailable, run.Output);
        run.Should().Match<ScriptRun>(done => done.ExitCode == 0, run.Output);
    }

    [Theory]
    [InlineData("damon-operator")]
    [InlineData("damon-agent")]
    public void An_image_holds_one_program_libraries_certificates_and_licences_and_nothing_that_runs_besides(string name)
    {
        var root = Root(name);
        var files = ImageFiles.Below(root);

        files.Where(file => !WhatAnImageMayHold.Contains(file, StringComparer.Ordinal) && !file.StartsWith("usr/share/doc/", StringComparison.Ordinal) && !ImageFiles.IsLibrary(file)).Should().BeEmpty();
        files.Should().Contain([$"usr/bin/{name}", "etc/ssl/certs/ca-certificates.crt", $"usr/share/doc/{name}/LICENSE"]).And.Contain(file => file.Contains("libssl.so", StringComparison.Ordinal));
        files.Count(file => file.StartsWith("usr/bin/", StringComparison.Ordinal)).Should().Be(1);
        ImageFiles.WritableByOthers(root).Should().Equal("tmp");
    }

    private static string Root(string name)
    {
        var root = RepositoryFiles.PathOf($"artifacts/images/{name}");
        Assert.SkipUnless(ImageFiles.IsThere(root), $"there is no {root}: 'make images' makes it");
        return root;
    }
}
