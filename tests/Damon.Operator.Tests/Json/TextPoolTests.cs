using System.Text;
using Damon.Operator.Json;

namespace Damon.Operator.Tests.Json;

public class TextPoolTests
{
    [Fact]
    public void The_same_text_is_held_once_however_it_came()
    {
        var pool = new TextPool();
        var first = pool.Get("node-ä"u8);
        pool.Get("node-ä"u8).Should().BeSameAs(first);
        pool.Get(new StringBuilder("node-ä").ToString()).Should().BeSameAs(first);
        pool.Get(""u8).Should().BeEmpty();
    }

    [Fact]
    public void A_full_pool_starts_anew_and_what_was_in_it_stays_what_it_is()
    {
        var pool = new TextPool(capacity: 10);
        var first = pool.Get("text-0"u8);
        for (var i = 1; i < 1000; i++)
            pool.Get(Encoding.UTF8.GetBytes($"text-{i}")).Should().Be($"text-{i}");
        pool.Get("text-0"u8).Should().Be(first).And.NotBeSameAs(first);
    }

    [Fact]
    public void Long_texts_are_not_held()
    {
        var pool = new TextPool();
        var text = new string('a', 300);
        pool.Get(Encoding.UTF8.GetBytes(text)).Should().Be(text).And.NotBeSameAs(pool.Get(Encoding.UTF8.GetBytes(text)));
    }
}
