using Damon.NodeAgent.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Hosting;

public class HeapTrimTests
{
    [Fact]
    public void Garbage_is_collected_once_a_minute_until_it_is_ended()
    {
        var time = new FakeTimeProvider();
        var collections = 0;
        using (HeapTrim.Start(time, () => collections++))
        {
            time.Advance(TimeSpan.FromSeconds(59));
            collections.Should().Be(0);
            time.Advance(TimeSpan.FromSeconds(1));
            collections.Should().Be(1);
            time.Advance(TimeSpan.FromMinutes(5));
            collections.Should().Be(6);
        }

        time.Advance(TimeSpan.FromMinutes(5));
        collections.Should().Be(6);
    }

    [Fact]
    public void What_has_got_old_and_is_garbage_is_collected()
    {
        var time = new FakeTimeProvider();
        var garbage = Old();
        using var trim = HeapTrim.Start(time);
        time.Advance(HeapTrim.Every);
        garbage.IsAlive.Should().BeFalse();

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Old()
        {
            var kept = new byte[1000];
            GC.Collect();
            GC.Collect();
            GC.GetGeneration(kept).Should().Be(GC.MaxGeneration);
            return new WeakReference(kept);
        }
    }
}
