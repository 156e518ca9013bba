using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Damon.Testing;
using Damon.Workload.Commands;
using Damon.Workload.Tests.Memory;

namespace Damon.Workload.Tests.Commands;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Reads the manual, and what the command writes.")]
public sealed partial class DocumentationTests : IDisposable
{
    private static readonly string Manual = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "docs/workload.md"));

    private readonly string _directory = Directory.CreateTempSubdirectory("damon-workload-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_manual_has_every_option()
    {
        var options = LongOption().Matches(Invoke("--help")).Select(match => match.Value).Distinct().Except(["--help", "--version"]).ToList();

        options.Should().HaveCountGreaterThan(5);
        options.Should().OnlyContain(option => Manual.Contains($"`{option}"));
    }

    [Fact]
    public void The_manual_has_every_property_of_events_and_truth()
    {
        var truth = Path.Combine(_directory, "truth.jsonl");
        var events = Invoke(Path.Combine(TestPaths.RepositoryRoot, "tools/workload/patterns/drift.yaml"), "--scale", "1/1024", "--rate", "100", "-o", "json", "--truth", truth);
        var lines = events.Split('\n', StringSplitOptions.RemoveEmptyEntries).Concat(File.ReadAllLines(truth));
        var names = lines.SelectMany(line => PropertiesOf(JsonDocument.Parse(line).RootElement)).Distinct().ToList();

        names.Should().Contain("monotonicNs").And.Contain("accessesPerPagePerSecond").And.Contain("originMs");
        names.Should().OnlyContain(name => Manual.Contains($"`{name}`") || Manual.Contains($"`{name}[]`"));
    }

    [Fact]
    public void The_manual_has_every_exit_code()
    {
        int[] codes = [.. typeof(ExitCode).GetFields().Select(field => (int)field.GetRawConstantValue()!)];

        codes.Should().HaveCount(5).And.OnlyContain(code => Manual.Contains($"\n| {code} | "));
    }

    private static IEnumerable<string> PropertiesOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => PropertiesOf(property.Value).Prepend(property.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(PropertiesOf),
        _ => [],
    };

    private string Invoke(params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var time = new JumpingTimeProvider(perLook: TimeSpan.FromMilliseconds(1));
        new WorkloadCommand(output, error, time, new MachineFactsTable(MachineFactsTable.Ext4), _directory).Invoke(arguments, TestContext.Current.CancellationToken).Should().Be(0);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    [GeneratedRegex("--[a-z-]+", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex LongOption();
}
