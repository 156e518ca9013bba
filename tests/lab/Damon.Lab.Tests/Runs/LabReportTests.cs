using Damon.Lab.Guest.Running;

namespace Damon.Lab.Tests.Runs;

public class LabReportTests
{
    [Fact]
    public void Every_event_is_read_as_it_was_written()
    {
        LabEvent[] events =
        [
            new(LabEventKind.Started, "one"),
            new(LabEventKind.Passed, "one", 1.25),
            new(LabEventKind.Failed, "two", 0.5, "expected 'a\nb', saw \"c\""),
            new(LabEventKind.Skipped, "three", Message: "no such thing here"),
            new(LabEventKind.Finished, Passed: 1, Failed: 1, Skipped: 1),
        ];

        events.Select(written => LabEvent.TryParse(written.ToLine())).Should().Equal(events);
        events.Select(written => written.ToLine()).Should().OnlyContain(line => !line.Contains('\n'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("some program's own words")]
    [InlineData("{\"lab\":\"passed\",\"test\":\"cut of")]
    [InlineData("{\"lab\":\"unheard-of\"}")]
    [InlineData("{\"lab\":7}")]
    [InlineData("{\"lab\":\"passed\",\"test\":7}")]
    [InlineData("{\"event\":\"progress\"}")]
    public void Any_other_line_is_no_event(string line) => LabEvent.TryParse(line).Should().BeNull();

    [Fact]
    public void A_machine_that_died_leaves_the_running_test_without_result()
    {
        var report = LabReport.Parse([Line(LabEventKind.Started, "one"), Line(LabEventKind.Passed, "one") + "\r", "words", Line(LabEventKind.Started, "two"), "{\"lab\":\"pas"]);

        report.Results.Keys.Should().Equal("one");
        report.Running.Should().Be("two");
        report.IsFinished.Should().BeFalse();
        report.Other.Should().Equal("words", "{\"lab\":\"pas");
    }

    [Fact]
    public void A_machine_that_came_through_has_no_running_test()
    {
        var report = LabReport.Parse([Line(LabEventKind.Skipped, "zero"), Line(LabEventKind.Started, "one"), Line(LabEventKind.Failed, "one"), Line(LabEventKind.Finished, "")]);

        report.Results.Keys.Should().Equal("zero", "one");
        report.Running.Should().BeEmpty();
        report.IsFinished.Should().BeTrue();
    }

    private static string Line(LabEventKind kind, string test) => new LabEvent(kind, test).ToLine();
}
