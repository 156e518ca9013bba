using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Damon.Demo.Events;

/// <summary>Reads one line of another program's output: what is missing, of another type or out of range is not there, and never an exception.</summary>
internal static class JsonFields
{
    /// <summary>Nothing these programs write is nested deeper.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8 };

    /// <summary>Reads a line that holds one object.</summary>
    public static bool TryParse(string line, out JsonElement element)
    {
        element = default;
        try
        {
            using var document = JsonDocument.Parse(line, Options);
            element = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return false;
        }

        return element.ValueKind == JsonValueKind.Object;
    }

    public static bool TryText(this JsonElement element, string name, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!element.TryField(name, JsonValueKind.String, out var field))
            return false;

        try
        {
            text = field.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is valid JSON and no text.
        }

        return text is not null;
    }

    /// <summary>Reads a whole number from 0 up.</summary>
    public static bool TryCount(this JsonElement element, string name, out ulong count)
    {
        count = 0;
        return element.TryField(name, JsonValueKind.Number, out var field) && field.TryGetUInt64(out count);
    }

    /// <summary>Reads a finite number from 0 up.</summary>
    public static bool TryNumber(this JsonElement element, string name, out double number)
    {
        number = 0;
        return element.TryField(name, JsonValueKind.Number, out var field) && field.TryGetDouble(out number) && double.IsFinite(number) && number >= 0;
    }

    public static bool TryObject(this JsonElement element, string name, out JsonElement value) => element.TryField(name, JsonValueKind.Object, out value);

    public static bool TryItems(this JsonElement element, string name, out JsonElement.ArrayEnumerator items)
    {
        var found = element.TryField(name, JsonValueKind.Array, out var field);
        items = found ? field.EnumerateArray() : default;
        return found;
    }

    private static bool TryField(this JsonElement element, string name, JsonValueKind kind, out JsonElement field)
    {
        field = default;
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out field) && field.ValueKind == kind;
    }
}
