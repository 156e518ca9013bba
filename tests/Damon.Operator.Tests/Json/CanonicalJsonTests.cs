using System.Text;
using System.Text.Json;
using CsCheck;
using Damon.Operator.Json;

namespace Damon.Operator.Tests.Json;

public class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":{"d":[ 2, {"y":1,"x":2} ],"c":null}}""", """{"a":{"c":null,"d":[2,{"x":2,"y":1}]},"b":1}""")]
    [InlineData("""{"a":1.50,"b":1e3,"c":-0}""", """{"a":1.50,"b":1e3,"c":-0}""")] // Numbers as they were written.
    [InlineData("""{"a":"ä\u00e4\/"}""", """{"a":"\u00E4\u00E4/"}""")] // Texts in one spelling.
    [InlineData("{}", "{}")]
    public void Objects_that_say_the_same_give_the_same_bytes(string json, string canonical) => Canonical(json).Should().Be(canonical);

    [Fact]
    public void Its_own_fields_are_left_out_and_added_where_they_belong()
    {
        using var document = JsonDocument.Parse("""{"z":1,"mode":"x","m":{"mode":2}}""");
        Encoding.UTF8.GetString(CanonicalJson.Object(document.RootElement, ["mode", "z"], ("n", "true"), ("a", "[]"))).Should().Be("""{"a":[],"m":{"mode":2},"n":true}""");
    }

    [Fact]
    public void The_order_of_names_does_not_matter() => Gen.Select(Gen.Int.Array[1, 8], Gen.Int).Sample((numbers, seed) =>
    {
        var fields = numbers.Distinct().Select(number => $"\"f{number}\":{number}").ToArray();
        var shuffled = fields.OrderBy(field => field.GetHashCode(StringComparison.Ordinal) ^ seed).ToArray();
        Canonical($"{{{string.Join(',', shuffled)}}}").Should().Be(Canonical($"{{{string.Join(" , ", fields)}}}"));
    });

    private static string Canonical(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Encoding.UTF8.GetString(CanonicalJson.Object(document.RootElement, []));
    }
}
