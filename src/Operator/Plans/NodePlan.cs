using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Damon.Api.Clusters;
using Damon.Operator.Json;
using Damon.Operator.Nodes;

namespace Damon.Operator.Plans;

/// <summary>What one node is to do.</summary>
/// <param name="Mode">How far any scheme may go there.</param>
/// <param name="Entries">The schemes, best rank first.</param>
public sealed record NodePlan(ClusterMode Mode, IReadOnlyList<PlannedEntry> Entries)
{
    /// <summary>Of everything that the node carries out.</summary>
    public Digest Digest => DigestOf(Mode, Entries);

    /// <summary>Of everything that a node carries out. Generation and time of creation are not: a scheme that changed in what nodes do not carry out is the same plan.</summary>
    internal static Digest DigestOf(ClusterMode mode, IReadOnlyList<PlannedEntry> entries)
    {
        // Of each entry only names and digests go in, so that a plan is compared without its texts.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> numbers = stackalloc byte[20];
        BinaryPrimitives.WriteInt32BigEndian(numbers, (int)mode);
        hash.AppendData(numbers[..4]);
        foreach (var entry in entries)
        {
            Append(hash, entry.Name);
            Append(hash, entry.Uid);
            Append(hash, entry.Hash);
            BinaryPrimitives.WriteInt32BigEndian(numbers, entry.Rank);
            BinaryPrimitives.WriteUInt64BigEndian(numbers[4..], entry.Text.Digest.High);
            BinaryPrimitives.WriteUInt64BigEndian(numbers[12..], entry.Text.Digest.Low);
            hash.AppendData(numbers);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new(BinaryPrimitives.ReadUInt64BigEndian(digest), BinaryPrimitives.ReadUInt64BigEndian(digest[8..]));

        // Zero stands in no name, so that no two lists of texts run together to the same bytes.
        static void Append(IncrementalHash hash, string text)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text));
            hash.AppendData([0]);
        }
    }
}
