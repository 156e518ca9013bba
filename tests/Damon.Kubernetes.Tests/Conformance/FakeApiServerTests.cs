using Damon.Testing;

namespace Damon.Kubernetes.Tests.Conformance;

public class FakeApiServerTests
{
    public static TheoryData<string> Cases => [.. ApiServerCases.All.Select(law => law.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_fake_server_keeps_to_the_law(string name) =>
        VirtualLoop.Run(loop => ApiServerCases.All.Single(law => law.Name == name).Body(new FakeUnderTest(loop)));
}
