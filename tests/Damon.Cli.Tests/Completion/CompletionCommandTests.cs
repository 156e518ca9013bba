using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.Cli.Tests.Completion;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks whether this machine has the shell.")]
public sealed class CompletionCommandTests : IDisposable
{
    private const string BashPath = "/bin/bash";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bash", "complete -o")]
    [InlineData("zsh", "#compdef damonctl")]
    [InlineData("fish", "complete -c damonctl")]
    public async Task Each_shell_has_a_script_that_asks_the_command_itself(string shell, string registration)
    {
        var run = await CliRun.Of("completion", shell);
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Out.Should().Contain(registration).And.Contain("[suggest:").And.NotContain("--file", "a script that knows options would go stale").And.EndWith("\n").And.NotContain("\r");
    }

    [Theory]
    [InlineData("tcsh")]
    [InlineData("")]
    [InlineData("Bash")]
    public async Task Another_shell_is_bad_usage_and_the_known_ones_are_listed(string shell)
    {
        var run = await CliRun.Of("completion", shell);
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Error.Should().ContainAll("bash", "zsh", "fish");
    }

    [Theory]
    [InlineData("", new[] { "agent", "completion", "doctor", "export", "import", "recording", "run", "simulate", "validate" })]
    [InlineData("doctor --o", new[] { "--output" })]
    [InlineData("doctor -o ", new[] { "json", "text" })]
    [InlineData("simulate --mode ", new[] { "Enforce", "Observe" })]
    [InlineData("completion ", new[] { "bash", "fish", "zsh" })]
    [InlineData("recording ", new[] { "show" })]
    [InlineData("agent ", new[] { "heatmap", "metrics", "snapshot" })]
    [InlineData("agent snapshot -o ", new[] { "json", "text" })]
    [InlineData("import --from ", new[] { "damo" })]
    [InlineData("export --format ", new[] { "json", "jsoncompressed", "yaml" })]
    public async Task The_command_suggests_what_can_follow(string line, string[] expected)
    {
        var run = await CliRun.Of($"[suggest:{line.Length}]", line);
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.OutLines.Should().Contain(expected);
        if (line.Length > 0)
        {
            run.OutLines.Where(suggestion => !suggestion.StartsWith('-') && !suggestion.StartsWith('/')).Should().Equal(expected.Where(suggestion => !suggestion.StartsWith('-')));
        }
    }

    [Theory]
    [InlineData("damonctl ", "agent completion doctor export import recording run simulate validate --help")]
    [InlineData("damonctl simulate --rec", "--recording")]
    [InlineData("damonctl run --rec", "--record --record-every")]
    [InlineData("damonctl recording sh", "show")]
    [InlineData("damonctl val", "validate")]
    [InlineData("damonctl validate --f", "--file")]
    [InlineData("damonctl validate --", "--file --help --set")]
    [InlineData("damonctl simulate --mode En", "Enforce")]
    [InlineData("damonctl doctor -o ", "json text")]
    [InlineData("  damonctl   doctor   --out", "--output")]
    [InlineData("./damonctl simulate --see", "--seed")]
    [InlineData("damonctl validate -f some", "")]
    [InlineData("damonctl validate -f a.yaml ", "")]
    [InlineData("damonctl completion z", "zsh")]
    public async Task Bash_completes_commands_options_and_values(string line, string expected)
    {
        Assert.SkipUnless(File.Exists(BashPath), $"there is no {BashPath} on this machine");
        var run = await Complete(line);
        run.Error.Should().BeEmpty();
        run.ExitCode.Should().Be(0);
        run.OutLines[0].Should().Be("complete -o bashdefault -o default -F _damonctl damonctl");
        var current = line[(line.LastIndexOf(' ') + 1)..];
        if (expected.Length == 0)
        {
            run.OutLines.Should().HaveCount(1, "bash offers files then");
        }
        else
        {
            run.OutLines[1..].Should().Contain(expected.Split(' ')).And.OnlyContain(word => word.StartsWith(current) && !word.StartsWith('/'));
        }
    }

    /// <summary>Loads the script and calls its function as bash does when the tabulator key is pressed at the end of the line.</summary>
    private async Task<CliRun> Complete(string line)
    {
        _folder.Write("damonctl.bash", (await CliRun.Of("completion", "bash")).Out);
        _folder.Write("damonctl", $"#!{BashPath}\nexec '{DotnetHost.ProgramPath}' '{CommandProcess.Assembly}' \"$@\"\n");
        const string Script = """
            cd "$1"; chmod u+x damonctl; PATH="$1:$PATH"
            source ./damonctl.bash
            complete -p damonctl
            COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<< "$2"
            [[ $2 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _damonctl damonctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            (( ${#COMPREPLY[@]} )) && printf '%s\n' "${COMPREPLY[@]}"
            exit 0
            """;
        return await CommandProcess.StartAsync(BashPath, default, "--norc", "-c", Script, "bash", _folder.Path, line);
    }
}
