using System.Text;
using Damon.Engine.Host;

namespace Damon.Engine.Tests.Host;

public class NumaMapsTests
{
    [Theory]
    [InlineData("1000 default anon=1 N0=1\n", new ulong[0])]
    [InlineData("1000 bind:0-1 anon=1\n2000 bind=static:1\n3000 bind=relative:0\n", new ulong[] { 0x1000, 0x2000, 0x3000 })]
    [InlineData("1000 prefer:1\n2000 prefer (many):0-1\n3000 interleave:0-1\n4000 local\n5000 binder:1\n", new ulong[0])]
    [InlineData("", new ulong[0])]
    public void Mappings_that_are_bound_are_collected(string text, ulong[] starts)
    {
        var found = new List<ulong> { 1 };
        NumaMaps.TryCollectBound(Encoding.UTF8.GetBytes(text), found).Should().BeTrue();
        found.Should().Equal(starts);
    }

    [Theory]
    [InlineData("1000\n")]
    [InlineData("xyz bind:0\n")]
    [InlineData("1000 default\n\n")]
    public void A_line_of_another_form_says_nothing(string text) => NumaMaps.TryCollectBound(Encoding.UTF8.GetBytes(text), []).Should().BeFalse();
}
