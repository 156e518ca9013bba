using System.Diagnostics.CodeAnalysis;
using Damon.Cli.Recordings;
using Damon.Cli.Tests.Doctor;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Cli.Tests.Recordings;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The files that a test gives to a command.")]
public sealed class RunRecordingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _error = new();
    private readonly FakeHost _host = new();

    public void Dispose()
    {
        _folder.Dispose();
        _error.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_or_continued_is_told_before_anything_starts()
    {
        using var host = Machines.WithEverything();
        var thesis = _folder.Write("thesis.txt", "somebody's thesis");
        foreach (var (file, error) in new[] { (_folder.Path, "is a folder"), (Path.Combine(_folder.Path, "no/such/folder"), "there is no such folder"), (thesis, "is not a recording; it cannot be continued") })
        {
            var run = await CliRun.On(host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--backend", "Referenced", "--record", file, "--", "/no/such/program");
            run.ExitCode.Should().Be(ExitCode.BadInput);
            run.ErrorLines.Should().ContainSingle().Which.Should().StartWith("--record: ").And.Contain(error);
        }

        (await File.ReadAllTextAsync(thesis, TestContext.Current.CancellationToken)).Should().Be("somebody's thesis");
    }

    [Fact]
    public void A_run_is_recorded_with_the_processes_names_and_continued()
    {
        _host.Write("/proc/42/comm", "postgres\n");
        var file = Path.Combine(_folder.Path, "run.rec");
        for (var i = 0; i < 2; i++)
        {
            using var recording = Open(file, every: 2)!;
            Run(recording, aggregations: 10);
            recording.Close().Should().BeTrue();
        }

        using var stream = File.OpenRead(file);
        var reader = new RecordingReader(stream);
        var found = new List<(RecordedSegment Segment, RecordedTarget Target)>();
        while (reader.Read() == RecordingReadOutcome.Snapshot)
        {
            found.Add((reader.Segment!, reader.Snapshot!.Targets.Single()));
        }

        found.Should().HaveCount(10).And.OnlyContain(item => item.Segment.Every == 2 && item.Segment.SchemesResetAges && item.Target.Name == "postgres" && item.Target.Id == 42);
        reader.Segments.Should().Be(2);
        _error.ToString().Should().BeEmpty();
    }

    [Fact]
    public void A_torn_tail_is_cut_off_and_told()
    {
        var file = RecordingSample.Write(_folder, cutBytes: 5);
        using (var recording = Open(file, every: 1))
        {
            recording.Should().NotBeNull();
        }

        _error.ToString().Should().Contain("was cut off");
        using var stream = File.OpenRead(file);
        new RecordingSummaryOf(stream).End.Should().Be(RecordingReadOutcome.End);
    }

    [Fact]
    public void A_full_disk_is_told_once_and_the_session_goes_on()
    {
        const string Full = "/dev/full";
        Assert.SkipUnless(File.Exists(Full), $"there is no {Full} on this machine");

        // A device that has no length is refused at once; what fails later is tested with a stream in the engine.
        Open(Full, every: 1).Should().BeNull();
        _error.ToString().Should().StartWith("--record: /dev/full: ");
    }

    private RunRecording? Open(string file, int every) => RunRecording.Open(
        file, every, Plan, new HostRoot(_host.Folder), new CliEnvironment(TextWriter.Null, _error, TimeProvider.System, _host.Folder, 0), TestContext.Current.CancellationToken);

    private static MonitoringPlan Plan => new(MonitoringIntervals.Default, RegionLimits.Default, [new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern())]);

    private static void Run(RunRecording recording, ulong aggregations)
    {
        var memory = new ScriptedMemory();
        memory.Ranges.Add(new AddressRange(0, 1 << 20));
        var random = new RandomSource(1);
        using var session = new MonitoringSession(Plan, new KernelRegionPolicy(RegionLimits.Default, random), random, TimeProvider.System, recording);
        session.AddTarget(42, memory, memory);
        while (session.Aggregations < aggregations)
        {
            session.BeginSample();
            session.EndSample();
        }
    }

    private sealed class RecordingSummaryOf
    {
        public RecordingSummaryOf(Stream stream)
        {
            var reader = new RecordingReader(stream);
            do
            {
                End = reader.Read();
            }
            while (End == RecordingReadOutcome.Snapshot);
        }

        public RecordingReadOutcome End { get; }
    }
}
