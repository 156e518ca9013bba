using CsCheck;
using Damon.Api.Units;

namespace Damon.Api.Tests.Units;

public class QuantityTests
{
    [Theory]
    [InlineData("0", 0UL)]
    [InlineData("1", 1UL)]
    [InlineData("4096", 4096UL)]
    [InlineData("4Ki", 4096UL)]
    [InlineData("64Mi", 67108864UL)]
    [InlineData("0.5Gi", 536870912UL)]
    [InlineData("1.5Ki", 1536UL)]
    [InlineData("1k", 1000UL)]
    [InlineData("1G", 1000000000UL)]
    [InlineData("1.000000001G", 1000000001UL)]
    [InlineData("1000m", 1UL)]
    [InlineData("1E", 1000000000000000000UL)]
    [InlineData("7Ei", 8070450532247928832UL)]
    [InlineData("9223372036854775807", 9223372036854775807UL)]
    [InlineData("1.0", 1UL)]
    public void A_quantity_is_a_number_of_bytes_and_keeps_its_text(string text, ulong bytes)
    {
        var quantity = Quantity.Parse(text);
        quantity.Bytes.Should().Be(bytes);
        quantity.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData("", "\"\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("8MB", "\"8MB\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("8mi", "\"8mi\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("8K", "\"8K\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("8 Mi", "\"8 Mi\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("1e3", "\"1e3\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("+1", "\"+1\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData(".5Gi", "\".5Gi\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("5.Gi", "\"5.Gi\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("010", "\"010\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("٣Mi", "\"٣Mi\" is not a size; write a Kubernetes quantity such as 8Mi")]
    [InlineData("-1Mi", "\"-1Mi\" is negative, a size is not; write a Kubernetes quantity such as 8Mi")]
    [InlineData("100m", "\"100m\" is not a whole number of bytes; write a Kubernetes quantity such as 8Mi")]
    [InlineData("0.3Ki", "\"0.3Ki\" is not a whole number of bytes; write a Kubernetes quantity such as 8Mi")]
    [InlineData("9223372036854775808", "\"9223372036854775808\" is too large for a size; write a quantity below 8Ei")]
    [InlineData("99999999999999999Pi", "\"99999999999999999Pi\" is too large for a size; write a quantity below 8Ei")]
    [InlineData("12345678901234567890", "\"12345678901234567890\" has too many digits for a size; write at most 19 before and 9 after the point")]
    [InlineData("0.0000000001Ei", "\"0.0000000001Ei\" has too many digits for a size; write at most 19 before and 9 after the point")]
    public void What_is_not_a_quantity_is_named_with_the_accepted_form(string text, string error)
    {
        Quantity.TryParse(text, out var value, out var message).Should().BeFalse();
        message.Should().Be(error);
        value.Should().Be(default(Quantity));
    }

    [Theory]
    [InlineData(0UL, "0")]
    [InlineData(1023UL, "1023")]
    [InlineData(1024UL, "1Ki")]
    [InlineData(1536UL, "1536")]
    [InlineData(67108864UL, "64Mi")]
    [InlineData(9223372036854775807UL, "9223372036854775807")]
    [InlineData(4611686018427387904UL, "4Ei")]
    public void A_number_of_bytes_is_written_with_the_largest_suffix_that_divides_it(ulong bytes, string text) => Quantity.FromBytes(bytes).ToString().Should().Be(text);

    [Fact]
    public void Quantities_are_equal_when_their_bytes_are()
    {
        Quantity.Parse("1Gi").Should().Be(Quantity.Parse("1024Mi"));
        Quantity.Parse("1Gi").GetHashCode().Should().Be(Quantity.Parse("1024Mi").GetHashCode());
        (Quantity.Parse("1G") < Quantity.Parse("1Gi")).Should().BeTrue();
    }

    [Fact]
    public void Every_number_of_bytes_survives_writing_and_reading() =>
        Gen.ULong[0, long.MaxValue].Sample(bytes => Quantity.Parse(Quantity.FromBytes(bytes).ToString()).Bytes == bytes);

    [Fact]
    public void A_million_digits_are_refused_without_being_multiplied() => Quantity.TryParse(new string('9', 1_000_000), out _, out _).Should().BeFalse();
}
