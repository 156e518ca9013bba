using System.Text.Json;

namespace Damon.Interchange;

/// <summary>Tells damo's files apart: records of monitoring results, or descriptions of what is wanted.</summary>
public static class DamoFileKind
{
    private const byte ZlibMark = 0x78;

    /// <summary>Whether a file holds records, by how it begins; anything else is to be read as schemes, whose reader says what is wrong with it.</summary>
    /// <param name="head">The file's first bytes; a few thousand are enough.</param>
    public static bool AreRecords(ReadOnlySpan<byte> head)
    {
        // The mark of zlib is the letter x: behind it stands a level of compression, which makes both a multiple of 31.
        if (head.Length >= 2 && head[0] == ZlibMark && ((head[0] << 8) | head[1]) % 31 == 0)
        {
            return true;
        }

        var reader = new Utf8JsonReader(head.StartsWith("\uFEFF"u8) ? head[3..] : head, isFinalBlock: false, default);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                return false;
            }

            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2)
                {
                    // The first field of a record is one of these, a scheme's is none of them.
                    return reader.ValueTextEquals("kdamond_idx") || reader.ValueTextEquals("target_id") || reader.ValueTextEquals("intervals") || reader.ValueTextEquals("snapshots");
                }
            }
        }
        catch (JsonException)
        {
            // A list in YAML may begin like one in JSON.
        }

        return false;
    }
}
