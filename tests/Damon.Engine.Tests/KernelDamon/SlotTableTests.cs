using CsCheck;
using Damon.Engine.KernelDamon;

namespace Damon.Engine.Tests.KernelDamon;

public class SlotTableTests
{
    [Fact]
    public void An_emptied_place_is_somebody_elses_only_after_the_kernel_has_seen_it_empty()
    {
        var table = new SlotTable<string>(capacity: 2);
        Take(table, "a").Should().Be(0);
        Take(table, "b").Should().Be(1);
        table.Release("a").Should().BeTrue();

        table.TryTake("c", out _).Should().BeFalse("the kernel may still think that place 0 is a's");
        table.Committed(table.Revision);

        Take(table, "c").Should().Be(0);
        table.Count.Should().Be(2);
    }

    [Fact]
    public void A_context_that_was_built_before_a_place_was_emptied_does_not_free_it()
    {
        var table = new SlotTable<string>(capacity: 2);
        Take(table, "a");
        Take(table, "b");
        table.Release("a");
        var built = table.Revision;
        table.Release("b");

        table.Committed(built);

        Take(table, "c").Should().Be(0);
        table.TryTake("d", out _).Should().BeFalse();
        table.Committed(table.Revision);
        Take(table, "d").Should().Be(1);
    }

    [Fact]
    public void An_owner_that_comes_back_in_time_has_its_old_place()
    {
        var table = new SlotTable<string>(capacity: 8);
        Take(table, "a");
        Take(table, "b");
        table.Release("a");
        Take(table, "a").Should().Be(0);
        table.Committed(table.Revision);
        Take(table, "c").Should().Be(2, "place 0 is a's again");
    }

    [Fact]
    public void Places_never_change_hands_unseen_and_are_never_shared() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9]).Array[0, 200].Sample(steps =>
        {
            const int Capacity = 5;
            var table = new SlotTable<int>(Capacity);
            var places = new Dictionary<int, int>();

            // Whose a place was when a context was last in force, and what such a context would say now.
            var seen = new Dictionary<int, int>();
            var (built, revision) = (new Dictionary<int, int>(), 0L);
            foreach (var (step, key) in steps)
            {
                switch (step)
                {
                    case 0 when table.TryTake(key, out var place):
                        (place is >= 0 and < Capacity).Should().BeTrue();
                        if (places.TryGetValue(key, out var before))
                        {
                            place.Should().Be(before, "its owner lives");
                        }

                        if (seen.TryGetValue(place, out var last))
                        {
                            last.Should().Be(key, "the kernel has not seen it empty");
                        }

                        places[key] = place;
                        break;
                    case 1:
                        table.Release(key).Should().Be(places.Remove(key));
                        break;
                    case 2:
                        (built, revision) = (places.ToDictionary(pair => pair.Value, pair => pair.Key), table.Revision);
                        break;
                    case 3:
                        // The kernel sees the context that was built, and everything that was taken since is newer than it.
                        foreach (var place in seen.Keys.Except(built.Keys).ToList())
                        {
                            seen.Remove(place);
                        }

                        foreach (var (place, owner) in built)
                        {
                            seen[place] = owner;
                        }

                        table.Committed(revision);
                        (built, revision) = (places.ToDictionary(pair => pair.Value, pair => pair.Key), table.Revision);
                        break;
                    default:
                        break;
                }

                table.Places.Should().BeEquivalentTo(places);
                places.Values.Should().OnlyHaveUniqueItems();
                table.Count.Should().BeLessThanOrEqualTo(Capacity);
            }
        });

    private static int Take(SlotTable<string> table, string owner)
    {
        table.TryTake(owner, out var place).Should().BeTrue();
        return place;
    }
}
