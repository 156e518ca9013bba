using System.Runtime.CompilerServices;
using System.Text;
using Damon.Operator.Json;

namespace Damon.Operator.Tests.Json;

public class SharedValuesTests
{
    [Fact]
    public void The_same_bytes_give_the_same_value_and_others_another()
    {
        var shared = new SharedValues<string>(Encoding.UTF8.GetString);
        shared.Get("{\"a\":1}"u8).Should().BeSameAs(shared.Get("{\"a\":1}"u8)).And.NotBe(shared.Get("{\"a\":2}"u8));
    }

    [Fact]
    public void What_nobody_holds_is_forgotten()
    {
        var shared = new SharedValues<string>(Encoding.UTF8.GetString);
        Fill(shared, 0);
        for (var i = 1; i < 40; i++)
        {
            GC.Collect();
            Fill(shared, i);
        }

        shared.Count.Should().BeLessThan(4_000, "of 8,000 that were made none is held");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(SharedValues<string> shared, int round)
    {
        for (var i = 0; i < 200; i++)
            shared.Get(Encoding.UTF8.GetBytes($"{round}/{i}"));
    }
}
