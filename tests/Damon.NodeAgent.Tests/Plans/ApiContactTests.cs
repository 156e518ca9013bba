using Damon.NodeAgent.Plans;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Plans;

public class ApiContactTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public void A_server_that_was_never_heard_of_is_lost() => new ApiContact(_time).Should().Match<ApiContact>(contact => contact.Silence == TimeSpan.MaxValue && contact.LastAnswerAt == null);

    [Fact]
    public void Silence_counts_from_the_last_answer()
    {
        var contact = new ApiContact(_time);
        _time.Advance(TimeSpan.FromHours(3));
        contact.Answered();
        contact.Silence.Should().Be(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMinutes(5));
        contact.Silence.Should().Be(TimeSpan.FromMinutes(5));
    }

    // Minutes between the last answer and the start; the silence that counts then, in minutes.
    [Theory]
    [InlineData(30, 30)]
    [InlineData(0, 0)]
    [InlineData(-0.5, 0)]
    public void Silence_goes_on_over_a_restart(double ago, double silence)
    {
        _time.Advance(TimeSpan.FromDays(1));
        var contact = new ApiContact(_time);
        contact.Restore(_time.GetUtcNow() - TimeSpan.FromMinutes(ago));
        contact.Silence.Should().Be(TimeSpan.FromMinutes(silence));
    }

    [Fact]
    public void A_last_answer_in_the_future_says_nothing()
    {
        var contact = new ApiContact(_time);
        contact.Restore(_time.GetUtcNow() + TimeSpan.FromMinutes(2));
        contact.Silence.Should().Be(TimeSpan.MaxValue);
    }
}
