using Damon.Lab.Guest.Running;

namespace Damon.Lab.Tests.Running;

public class ExpectTests
{
    [Fact]
    public void What_is_as_expected_says_nothing()
    {
        Expect.Equal("a", 1, 1);
        Expect.Sequence("a", [1, 2], [1, 2]);
        Expect.Between("a", 1, 3, 1);
        Expect.Between("a", 1, 3, 3);
        Expect.Near("a", 100, 95, 0.05);
        Expect.Near("a", 100, 105, 0.05);
        Expect.True("a", condition: true);
    }

    [Fact]
    public void What_is_not_says_both()
    {
        Failure(() => Expect.Equal("size", 1, 2)).Should().Be("size: expected 1, saw 2");
        Failure(() => Expect.Equal("name", "a", null)).Should().Be("name: expected 'a', saw nothing");
        Failure(() => Expect.Sequence("all", [1, 2], [2, 1])).Should().Be("all: expected [1, 2], saw [2, 1]");
        Failure(() => Expect.Between("size", 1, 3, 4)).Should().Be("size: expected 1 to 3, saw 4");
        Failure(() => Expect.Between("size", 1, 3, 0)).Should().Be("size: expected 1 to 3, saw 0");
        Failure(() => Expect.Near("size", 100, 94, 0.05)).Should().Be("size: expected 95 to 105, saw 94");
        Failure(() => Expect.True("it is there", condition: false)).Should().Be("it is there");
    }

    private static string Failure(Action expectation) => expectation.Should().Throw<ExpectationException>().Which.Message;
}
