using CsCheck;
using Damon.Operator.Json;
using Damon.Operator.Nodes;

namespace Damon.Operator.Tests.Nodes;

public class PlanNoteTests
{
    [Fact]
    public void What_is_noted_is_read_again() => Gen.Select(Gen.Int[0, int.MaxValue], Gen.Long[1, long.MaxValue].Array[0, 16]).Sample((seconds, trips) =>
    {
        var note = new PlanNote(DateTimeOffset.UnixEpoch.AddSeconds(seconds), trips.Select((count, i) => (Name: $"scheme-{i}.team", count)).ToDictionary(one => one.Name, one => one.count));
        var read = PlanNote.Read(note.Write(), new TextPool());
        read.At.Should().Be(note.At);
        read.TripsBefore.Should().BeEquivalentTo(note.TripsBefore);
    });

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("[]")]
    [InlineData("{\"at\":{\"a\":1},\"trips\":[]}")]
    [InlineData("{\"at\":")]
    public void A_note_that_cannot_be_read_is_none(string text) => PlanNote.Read(text, new TextPool()).Should().Be(PlanNote.None);
}
