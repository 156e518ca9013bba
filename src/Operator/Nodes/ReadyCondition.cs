using System.Text.Json;
using Damon.Operator.Json;

namespace Damon.Operator.Nodes;

/// <summary>The condition Ready, as Nodes and Pods have it.</summary>
/// <param name="IsTrue">Whether it is true; unknown and absent are not.</param>
/// <param name="Since">Since when; null where nobody says.</param>
internal readonly record struct ReadyCondition(bool IsTrue, DateTimeOffset? Since)
{
    /// <summary>Takes a status and reads it out of that.</summary>
    /// <param name="reader">On the field of the status.</param>
    public static ReadyCondition NextStatus(ref Utf8JsonReader reader)
    {
        var ready = default(ReadyCondition);
        if (!reader.EntersObject())
            return ready;
        while (reader.NextField())
        {
            if (!reader.IsField("conditions"u8))
            {
                reader.PassOver();
            }
            else if (reader.EntersArray())
            {
                while (reader.NextObject())
                    ready = ReadOne(ref reader) ?? ready;
            }
        }

        return ready;
    }

    private static ReadyCondition? ReadOne(ref Utf8JsonReader reader)
    {
        bool isReady = false, isTrue = false;
        DateTimeOffset? since = null;
        while (reader.NextField())
        {
            if (reader.IsField("type"u8))
                isReady = reader.NextText(null) == "Ready";
            else if (reader.IsField("status"u8))
                isTrue = reader.NextText(null) == "True";
            else if (reader.IsField("lastTransitionTime"u8))
                since = reader.NextTime();
            else
                reader.PassOver();
        }

        return isReady ? new(isTrue, since) : null;
    }
}
