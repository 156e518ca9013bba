using System.Text;
using CsCheck;

namespace Damon.Engine.Tests.Host;

/// <summary>What a file of the kernel might say once something has gone wrong.</summary>
internal static class DamagedText
{
    private static readonly Gen<string> Interesting =
        Gen.OneOf([.. new[] { "\n", " ", "-", ":", ",", "\0", "(", ")", "kB", "99999999999999999999", "ffffffffffffffffff", "-1", "\u00ff", "0", "=", ".", "max", "Node", "bind" }.Select(Gen.Const)]);

    /// <summary>Arbitrary bytes; and the sample with bytes replaced, cut off, put in, or a part repeated.</summary>
    public static Gen<byte[]> Of(string sample)
    {
        var bytes = Encoding.UTF8.GetBytes(sample);
        var at = Gen.Int[0, bytes.Length - 1];
        return Gen.OneOf(
            Gen.Byte.Array[0, 300],
            Gen.Select(at, at, (from, to) => bytes[Math.Min(from, to)..Math.Max(from, to)]),
            Gen.Select(at, Gen.Byte).Array[1, 8].Select(changes =>
            {
                var copy = bytes.ToArray();
                foreach (var (index, value) in changes)
                {
                    copy[index] = value;
                }

                return copy;
            }),
            Gen.Select(at, Interesting).Array[1, 4].Select(inserts =>
            {
                var text = sample;
                foreach (var (index, insert) in inserts)
                {
                    text = text.Insert(index, insert);
                }

                return Encoding.UTF8.GetBytes(text);
            }),
            Gen.Select(at, at, (from, to) => (byte[])[.. bytes, .. bytes[Math.Min(from, to)..]]));
    }
}
