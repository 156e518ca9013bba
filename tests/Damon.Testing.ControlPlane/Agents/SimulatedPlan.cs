using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace Damon.Testing.ControlPlane.Agents;

/// <summary>What a simulated agent reads of its DamonNode.</summary>
/// <param name="Uid">The object's identity.</param>
/// <param name="Generation">Counts changes of the plan.</param>
/// <param name="Mode">How far the node may go.</param>
/// <param name="EchoAfter">How long its echo is to wait.</param>
/// <param name="Schemes">The entries of the plan.</param>
public sealed record SimulatedPlan(string Uid, long Generation, string Mode, TimeSpan EchoAfter, IReadOnlyList<SimulatedScheme> Schemes)
{
    /// <summary>None has been seen yet.</summary>
    public static SimulatedPlan None { get; } = new("", 0, "Observe", TimeSpan.Zero, []);

    // Thousands of nodes have the same entries, and what plays them shares two cores with the server that is measured.
    private static readonly ConcurrentDictionary<UInt128, SimulatedScheme> Known = [];

    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    /// <exception cref="JsonException">No plan.</exception>
    public static SimulatedPlan Read(ReadOnlySpan<byte> utf8)
    {
        var (uid, generation, mode, echoAfter) = ("", 0L, "", 0);
        List<SimulatedScheme> schemes = [];
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        while (NextField(ref reader))
        {
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            if (!isMetadata && !reader.ValueTextEquals("spec"u8))
            {
                PassOver(ref reader);
                continue;
            }

            reader.Read();
            while (NextField(ref reader))
            {
                if (isMetadata && reader.ValueTextEquals("uid"u8))
                    uid = Text(ref reader);
                else if (isMetadata && reader.ValueTextEquals("generation"u8))
                    generation = reader.Read() ? reader.GetInt64() : 0;
                else if (!isMetadata && reader.ValueTextEquals("mode"u8))
                    mode = string.Intern(Text(ref reader));
                else if (!isMetadata && reader.ValueTextEquals("echoAfterSeconds"u8))
                    echoAfter = reader.Read() ? reader.GetInt32() : 0;
                else if (!isMetadata && reader.ValueTextEquals("schemes"u8))
                    AddSchemes(ref reader, utf8, schemes);
                else
                    PassOver(ref reader);
            }
        }

        return uid.Length > 0 && generation > 0 && mode.Length > 0 ? new SimulatedPlan(uid, generation, mode, TimeSpan.FromSeconds(echoAfter), schemes) : throw new JsonException("A DamonNode without uid, generation or mode.");
    }

    /// <summary>The hash of a scheme, or null where the plan has none of the name.</summary>
    public string? HashOf(string scheme) => Schemes.FirstOrDefault(entry => entry.Name == scheme)?.Hash;

    private static void AddSchemes(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, List<SimulatedScheme> schemes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var entry = utf8[start..(int)reader.BytesConsumed];
            SHA256.HashData(entry, digest);
            var key = BinaryPrimitives.ReadUInt128LittleEndian(digest);
            if (!Known.TryGetValue(key, out var scheme))
                Known[key] = scheme = SimulatedScheme.Read(entry);
            schemes.Add(scheme);
        }
    }

    private static bool NextField(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString() ?? "";
    }

    private static void PassOver(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
