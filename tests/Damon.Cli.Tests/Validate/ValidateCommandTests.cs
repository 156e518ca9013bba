using System.Text;
using Damon.Testing;

namespace Damon.Cli.Tests.Validate;

public sealed class ValidateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cold-hint")]
    [InlineData("demote-cold")]
    [InlineData("huge-pages-hot")]
    [InlineData("observe-hot-cold")]
    [InlineData("prefetch")]
    [InlineData("reclaim-cgroup")]
    [InlineData("reclaim-cold")]
    public async Task Every_sample_is_valid(string name)
    {
        var run = await CliRun.Of("validate", "-f", RepositoryFiles.PathOf($"deploy/samples/{name}.yaml"));
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Error.Should().BeEmpty();
        run.OutLines.Should().ContainSingle().Which.Should().StartWith(name + ": valid (");
    }

    [Fact]
    public async Task Several_files_are_listed_in_their_order()
    {
        var run = await CliRun.Of("validate", "-f", File("b"), "-f", File("a"));
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.OutLines.Should().Equal("b: valid (Stat, Observe)", "a: valid (Stat, Observe)");
        (await CliRun.Of("validate", "-f", File("b"), File("a"))).Should().Be(run, "one -f takes several files too");
    }

    [Fact]
    public async Task One_bad_file_makes_the_whole_command_fail_and_the_good_one_is_not_called_valid()
    {
        var bad = _folder.Write("bad.yaml", Scheme("bad").Replace("type: Stat", "type: Evaporate", StringComparison.Ordinal));
        var run = await CliRun.Of("validate", "-f", File("good"), "-f", bad);
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Out.Should().BeEmpty();
        run.ErrorLines.Should().ContainSingle().Which.Should().StartWith(bad + ":9:").And.Contain("spec.action.type").And.Contain("Evaporate");
    }

    [Fact]
    public async Task Every_error_of_every_file_is_listed()
    {
        var first = _folder.Write("first.yaml", Scheme("first") + "  surprise: 1\n  paused: maybe\n");
        var run = await CliRun.Of("validate", "-f", first, "-f", "/nowhere/second.yaml");
        run.ErrorLines.Should().HaveCount(3);
        run.ErrorLines.Where(line => line.StartsWith(first, StringComparison.Ordinal)).Should().HaveCount(2);
        run.Error.Should().Contain("surprise").And.Contain("paused").And.Contain("/nowhere/second.yaml: there is no such file");
    }

    [Fact]
    public async Task A_folder_is_not_a_file()
    {
        var run = await CliRun.Of("validate", "-f", _folder.Path);
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.ErrorLines.Should().Equal($"{_folder.Path}: is a folder; name a file");
    }

    [Fact]
    public async Task A_file_of_absurd_size_is_refused_before_it_is_read_to_its_end()
    {
        var run = await CliRun.Of("validate", "-f", _folder.Write("large.yaml", new string('#', InputFile.MaxBytes + 1)));
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Error.Should().Contain("larger than 4 MiB");
    }

    [Fact]
    public async Task A_name_may_stand_in_one_file_only()
    {
        var first = File("twice");
        var second = _folder.Write("other.yaml", Scheme("twice"));
        var run = await CliRun.Of("validate", "-f", first, "-f", second);
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.ErrorLines.Should().ContainSingle().Which.Should().StartWith(second + ": metadata.name").And.Contain("twice").And.Contain(first);
    }

    [Theory]
    [InlineData("pattern.age.min=10s")]
    [InlineData("mode=Observe")]
    public async Task A_setting_that_fits_is_taken(string setting) => (await CliRun.Of("validate", "-f", File("a"), "--set", setting)).ExitCode.Should().Be(ExitCode.Ok);

    [Fact]
    public async Task A_setting_changes_what_is_checked() =>
        (await CliRun.Of("validate", "-f", File("a"), "--set", "action.type=Cold")).OutLines.Should().Equal("a: valid (Cold, Observe)");

    [Theory]
    [InlineData("nonsense", "write path=value")]
    [InlineData("pattern.age.min=tomorrow", "is not a duration")]
    [InlineData("surprise.deep=1", "is not known")]
    [InlineData("action.type=Evaporate", "Evaporate")]
    public async Task A_setting_that_does_not_fit_is_named(string setting, string message)
    {
        var run = await CliRun.Of("validate", "-f", File("a"), "--set", setting);
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Out.Should().BeEmpty();
        run.Error.Should().Contain("--set " + setting.Split('=')[0]).And.Contain(message);
    }

    [Theory]
    [InlineData("piped", 0, "piped: valid (Stat, Observe)\n", "")]
    [InlineData("Not A Name", 2, "", "-:4:")]
    public async Task A_dash_reads_standard_input(string name, int exitCode, string output, string error)
    {
        var run = await CommandProcess.RunAsync(Encoding.UTF8.GetBytes(Scheme(name)), "validate", "-f", "-");
        run.ExitCode.Should().Be(exitCode);
        run.Out.Should().Be(output);
        run.Error.Should().StartWith(error);
    }

    private static string Scheme(string name) => $$"""
        apiVersion: damon.dev/v1alpha1
        kind: DamonScheme
        metadata:
          name: {{name}}
        spec:
          target:
            podSelector: {}
          action:
            type: Stat

        """;

    private string File(string name) => _folder.Write(name + ".yaml", Scheme(name));
}
