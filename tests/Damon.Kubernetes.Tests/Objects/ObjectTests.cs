using System.Text;
using System.Text.Json;
using Damon.Kubernetes.Objects;

namespace Damon.Kubernetes.Tests.Objects;

public class ObjectTests
{
    [Theory]
    [InlineData("""{"metadata":{"name":"a","managedFields":[{"x":{"managedFields":1}}],"uid":"u"},"spec":{}}""", """{"metadata":{"name":"a","uid":"u"},"spec":{}}""")]
    [InlineData("""{"metadata":{"managedFields":[],"name":"a"}}""", """{"metadata":{"name":"a"}}""")]
    [InlineData("""{"metadata":{"name":"a" , "managedFields":[1,2] } }""", """{"metadata":{"name":"a" } }""")]
    [InlineData("""{"metadata":{"managedFields":[]}}""", """{"metadata":{}}""")]
    [InlineData("""{"spec":{"managedFields":[1]},"metadata":{"name":"a"}}""", """{"spec":{"managedFields":[1]},"metadata":{"name":"a"}}""")]
    [InlineData("""{"spec":{"metadata":{"managedFields":[1]}},"metadata":{"name":"a","x":{"managedFields":[1]}}}""", """{"spec":{"metadata":{"managedFields":[1]}},"metadata":{"name":"a","x":{"managedFields":[1]}}}""")]
    public void Only_the_metadata_s_managed_fields_are_cut_out(string json, string kept)
    {
        Encoding.UTF8.GetString(ObjectDecoders.Raw()(Encoding.UTF8.GetBytes(json)).Utf8.Span).Should().Be(kept);
        Encoding.UTF8.GetString(ObjectDecoders.Raw(withManagedFields: true)(Encoding.UTF8.GetBytes(json)).Utf8.Span).Should().Be(json);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"7","labels":{"name":"no"}}}""", "n", "a", "u", "7")]
    [InlineData("""{"spec":{"metadata":{"name":"no"}},"metadata":{"resourceVersion":"7","creationTimestamp":null},"kind":"X"}""", "", "", "", "7")]
    [InlineData("""{"metadata":{"ownerReferences":[{"name":"no","uid":"no"}],"name":"a","uid":null}}""", "", "a", "", "")]
    public void A_header_is_read_from_the_metadata_alone(string json, string ns, string name, string uid, string version) =>
        ObjectHeader.Read(Encoding.UTF8.GetBytes(json)).Should().Be(new ObjectHeader(new ObjectKey(ns, name), uid, version));

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"metadata":[]}""")]
    [InlineData("""{"metadata":{"name":5}}""")]
    public void What_has_no_metadata_is_no_object(string json) => FluentActions.Invoking(() => ObjectHeader.Read(Encoding.UTF8.GetBytes(json))).Should().Throw<JsonException>();

    [Fact]
    public void Paths_are_those_of_the_api()
    {
        ResourceKind.Pods.CollectionPath("").Should().Be("api/v1/pods");
        ResourceKind.Pods.CollectionPath("n").Should().Be("api/v1/namespaces/n/pods");
        ResourceKind.Leases.ObjectPath(new ObjectKey("n", "a")).Should().Be("apis/coordination.k8s.io/v1/namespaces/n/leases/a");
        ResourceKind.Nodes.ObjectPath(new ObjectKey("a/b"), "status").Should().Be("api/v1/nodes/a%2Fb/status");
        FluentActions.Invoking(() => ResourceKind.Pods.ObjectPath(new ObjectKey("a"))).Should().Throw<ArgumentException>();
    }
}
