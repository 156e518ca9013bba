using Damon.Testing.KernelDamon;

namespace Damon.Engine.Tests.KernelDamon;

public sealed class DamonTreeCasesTests
{
    private static readonly FakeKernel[] Kernels = [FakeKernel.Debian612, FakeKernel.Debian73];

    public static TheoryData<string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var kernel in Kernels)
            {
                foreach (var one in DamonTreeCases.All.Where(one => one.IsFor(new FakeDamonTreeUnderTest(new FakeDamonTree(kernel)))))
                {
                    rows.Add(kernel.Name, one.Name);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Law_of_the_kernels_holds_for_the_fake(string kernel, string name) =>
        DamonTreeCases.All.Single(one => one.Name == name).Run(new FakeDamonTreeUnderTest(new FakeDamonTree(Kernels.Single(one => one.Name == kernel))));

    [Fact]
    public void Every_law_is_about_some_kernel_and_has_a_name_of_its_own()
    {
        DamonTreeCases.All.Select(one => one.Name).Should().OnlyHaveUniqueItems();
        DamonTreeCases.All.Should().OnlyContain(one => Kernels.Any(kernel => one.IsFor(new FakeDamonTreeUnderTest(new FakeDamonTree(kernel)))));
    }

    [Fact]
    public void Law_that_does_not_hold_says_what_was_expected_and_what_was_found()
    {
        var wrong = new DamonTreeCase("Wrong", DamonTreeNeeds.Nothing, tree =>
        {
            tree.MakeContext();
            tree.Is($"{DamonTreeScript.Context}/operations", "paddr");
        });
        var tree = new FakeDamonTree(FakeKernel.Debian73);

        var run = () => wrong.Run(new FakeDamonTreeUnderTest(tree));

        run.Should().Throw<DamonTreeException>().WithMessage("kdamonds/0/contexts/0/operations: expected \"paddr\", but found \"vaddr\"");
        tree.Kdamonds.Should().BeEmpty();
    }
}
