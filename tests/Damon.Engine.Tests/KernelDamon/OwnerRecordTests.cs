using System.Text;
using CsCheck;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;

namespace Damon.Engine.Tests.KernelDamon;

public class OwnerRecordTests
{
    private static readonly OwnerRecord Sample = new(
        OwnerRecord.CurrentVersion, "b424f232-5ca4-49bc-808e-f568bb325e5f", 500, 123, [new OwnedKdamond(22, 18400, false, 77, 132), OwnedKdamond.Unknown], [DamonModule.Stat]);

    [Fact]
    public void A_record_comes_back_as_it_was_written() => OwnerRecord.Parse(Sample.ToJson()).Should().BeEquivalentTo(Sample);

    [Fact]
    public void A_record_that_is_cut_short_anywhere_is_none()
    {
        var json = Sample.ToJson();
        for (var length = 0; length < json.Length; length++)
        {
            OwnerRecord.Parse(json.AsSpan(0, length)).Should().BeNull("{0} of {1} bytes are no record", length, json.Length);
        }
    }

    [Fact]
    public void Whatever_else_is_there_is_no_record_and_no_exception() =>
        Gen.Select(Gen.Int[0, Sample.ToJson().Length - 1], Gen.Byte).Sample((place, value) =>
        {
            var json = Sample.ToJson();
            json[place] = value;
            _ = OwnerRecord.Parse(json);
        });

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("\0\0\0")]
    [InlineData("""{"version":1,"bootId":"b","pid":5,"startTicks":1,"kdamonds":[],"modules":[],"more":1}""")]
    [InlineData("""{"version":1,"version":1,"bootId":"b","pid":5,"startTicks":1,"kdamonds":[],"modules":[]}""")]
    [InlineData("""{"version":2,"bootId":"b","pid":5,"startTicks":1,"kdamonds":[],"modules":[]}""")]
    [InlineData("""{"version":1,"bootId":"","pid":5,"startTicks":1,"kdamonds":[],"modules":[]}""")]
    [InlineData("""{"version":1,"bootId":"b","pid":0,"startTicks":1,"kdamonds":[],"modules":[]}""")]
    [InlineData("""{"version":1,"bootId":"b","pid":5,"startTicks":-1,"kdamonds":[],"modules":[]}""")]
    [InlineData("""{"version":1,"bootId":"b","pid":5,"startTicks":1,"kdamonds":[null],"modules":[]}""")]
    [InlineData("""{"version":1,"bootId":"b","pid":5,"startTicks":1,"kdamonds":null,"modules":[]}""")]
    [InlineData("""{"version":1,"bootId":"b","pid":5,"startTicks":1,"kdamonds":[],"modules":["Other"]}""")]
    [InlineData("""{"version":1,"bootId":"b","pid":5,"startTicks":1,"kdamonds":[],"modules":[9]}""")]
    [InlineData("""{"version":1,"bootId":"b","pid":5,"startTicks":1,"kdamonds":[],"modules":["Stat","Stat"]}""")]
    public void What_is_not_exactly_a_record_is_none(string json) => OwnerRecord.Parse(Encoding.UTF8.GetBytes(json)).Should().BeNull();

    [Fact]
    public void The_smallest_record_is_one() =>
        OwnerRecord.Parse("""{"version":1,"bootId":"b","pid":5,"startTicks":1,"kdamonds":[],"modules":[]}"""u8).Should().NotBeNull();

    [Fact]
    public void A_record_is_for_its_owner_alone()
    {
        using var bench = new OwnershipBench();
        using var agent = bench.RunningAgent(1);
        bench.RecordMode.Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
