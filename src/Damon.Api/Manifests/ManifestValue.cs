using System.Globalization;
using Damon.Api.Units;

namespace Damon.Api.Manifests;

/// <summary>A node on its way to a value. Each method gives the value or notes an error with the decoder and gives null.</summary>
public sealed class ManifestValue
{
    private static readonly string[] TimestampForms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private readonly ManifestDecoder _decoder;

    internal ManifestValue(ManifestDecoder decoder, ManifestNode node, string path)
    {
        _decoder = decoder;
        Node = node;
        Path = path;
    }

    private delegate bool Parse<T>(string text, out T value, out string? error);

    /// <summary>The node.</summary>
    public ManifestNode Node { get; }

    /// <summary>The field's path.</summary>
    public string Path { get; }

    /// <summary>Notes an error at this value.</summary>
    /// <param name="message">What was found and what is accepted.</param>
    public void Report(string message) => _decoder.Report(Node.At, Path, message);

    /// <summary>Text; numbers, booleans and nothing are not text unless quoted.</summary>
    /// <returns>The text, or null.</returns>
    public string? Text()
    {
        if (Records(new(Path, FieldKind.Text)))
            return null;
        if (Node is ManifestScalar { IsText: true } scalar)
            return scalar.Text;
        var advice = Node is ManifestScalar { Kind: not ManifestScalarKind.Null } other ? $"; write {QuotedText.Of(other.Text)}" : "";
        Report($"is {Node.Description}, but text is needed{advice}");
        return null;
    }

    /// <summary>A mapping of fields that stands as JSON in a text. Positions in errors count within that text.</summary>
    /// <typeparam name="T">What the fields make.</typeparam>
    /// <param name="decode">Asks for every field there is, whatever the others hold; it is not asked while shapes are recorded, as no schema sees the fields.</param>
    /// <param name="maxLength">The longest text, in characters.</param>
    /// <returns>What <paramref name="decode"/> made, or null where there is no such text.</returns>
    public T? JsonText<T>(Func<ManifestFields, T?> decode, int maxLength)
        where T : class
    {
        if (Text() is not { } text)
            return null;
        if (text.Length > maxLength)
        {
            Report($"has {text.Length} characters; {maxLength} are accepted");
            return null;
        }

        var read = ManifestReader.ReadJson($"{Node.At.File}, {Path}", text);
        foreach (var error in read.Errors)
            _decoder.Report(error with { FieldPath = error.FieldPath.Length == 0 ? Path : $"{Path}.{error.FieldPath}" });
        if (read.Errors.Count > 0)
            return null;
        if (read.Documents is [var document])
            return new ManifestValue(_decoder, document, Path).Object(decode);
        Report("holds nothing; a JSON object is needed");
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    /// <returns>The value, or null.</returns>
    public bool? Bool()
    {
        if (Records(new(Path, FieldKind.Bool)))
            return null;
        if (Node is ManifestScalar { Kind: ManifestScalarKind.Bool } scalar)
            return scalar.Text[0] is 't' or 'T';
        Report($"is {Node.Description}; write true or false, without quotes");
        return null;
    }

    /// <summary>A whole number in plain decimal notation.</summary>
    /// <param name="min">The smallest accepted.</param>
    /// <param name="max">The largest accepted.</param>
    /// <returns>The number, or null.</returns>
    public int? Integer(int min, int max) => (int?)LongInteger(min, max);

    /// <summary>A whole number in plain decimal notation.</summary>
    /// <param name="min">The smallest accepted.</param>
    /// <param name="max">The largest accepted.</param>
    /// <returns>The number, or null.</returns>
    public long? LongInteger(long min, long max)
    {
        if (Records(new(Path, FieldKind.Integer) { Min = min, Max = max }))
            return null;
        if (Node is not ManifestScalar { Kind: ManifestScalarKind.Number } scalar)
        {
            Report($"is {Node.Description}; write a whole number from {min} to {max}, without quotes");
            return null;
        }

        // YAML 1.1 reads 010 as eight, YAML 1.2 as ten: neither is taken.
        var digits = scalar.Text.AsSpan(scalar.Text.StartsWith('-') ? 1 : 0);
        if (digits.Length > 1 && digits[0] == '0' && digits.IndexOfAnyExceptInRange('0', '9') < 0)
        {
            Report($"is written {scalar.Text}, and with a leading zero its value depends on the reader; write it without");
            return null;
        }

        if (digits.IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            Report($"is {scalar.Description}; write a whole number from {min} to {max}");
            return null;
        }

        if (long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Report($"is {scalar.Description}; write a whole number from {min} to {max}");
        return null;
    }

    /// <summary>A number in plain decimal notation, whole or with a point.</summary>
    /// <param name="max">The largest accepted; the number is above zero.</param>
    /// <returns>The number, or null.</returns>
    public double? PositiveNumber(double max)
    {
        if (Records(new(Path, FieldKind.Number)))
            return null;
        if (Node is ManifestScalar { Kind: ManifestScalarKind.Number } scalar
            && scalar.Text.All(c => char.IsAsciiDigit(c) || c == '.')
            && double.TryParse(scalar.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value > 0
            && value <= max)
            return value;
        Report($"is {Node.Description}; write a number above 0 and up to {max.ToString(CultureInfo.InvariantCulture)}, without quotes");
        return null;
    }

    /// <summary>A number of bytes.</summary>
    /// <param name="min">The smallest accepted; one byte if nothing else is said, because a limit of nothing is better not set.</param>
    /// <param name="max">The largest accepted.</param>
    /// <returns>The size, or null.</returns>
    public Quantity? Size(Quantity? min = null, Quantity? max = null)
    {
        if (Records(new(Path, FieldKind.Size) { Min = (long?)min?.Bytes ?? 1, Max = (long?)max?.Bytes }))
            return null;
        if (Scalar<Quantity>(Quantity.TryParse, "a size such as 8Mi") is not { } size)
            return null;
        var smallest = min ?? Quantity.FromBytes(1);
        if (size < smallest)
            Report(size.Bytes == 0 ? $"is {size}; write a size of at least {smallest}" : $"is {size}, which is too small; write a size of at least {smallest}");
        else if (max is { } largest && size > largest)
            Report($"is {size}, which is too large; write a size of at most {largest}");
        else
            return size;
        return null;
    }

    /// <summary>A span of time.</summary>
    /// <param name="zeroAllowed">Whether zero is taken.</param>
    /// <returns>The duration, or null.</returns>
    public DurationValue? Duration(bool zeroAllowed = false)
    {
        if (Records(new(Path, FieldKind.Duration) { IsZeroAllowed = zeroAllowed }))
            return null;
        if (Scalar<DurationValue>(DurationValue.TryParse, "a duration such as 5ms") is not { } duration)
            return null;
        if (!duration.IsZero || zeroAllowed)
            return duration;
        Report($"is {duration}; write a duration above zero");
        return null;
    }

    /// <summary>A percent.</summary>
    /// <param name="zeroAllowed">Whether zero is taken.</param>
    /// <returns>The share, or null.</returns>
    public Percent? Share(bool zeroAllowed = true)
    {
        if (Records(new(Path, FieldKind.Share) { IsZeroAllowed = zeroAllowed }))
            return null;
        if (Scalar<Percent>(Percent.TryParse, "a percent such as \"5%\"") is not { } share)
            return null;
        if (share.Millionths > 0 || zeroAllowed)
            return share;
        Report($"is {share}; write a percent above 0%");
        return null;
    }

    /// <summary>A point in time as Kubernetes writes it (RFC 3339).</summary>
    /// <returns>The time, or null.</returns>
    public DateTimeOffset? Timestamp()
    {
        if (Records(new(Path, FieldKind.Timestamp)))
            return null;
        if (Node is ManifestScalar { IsText: true } scalar
            && DateTimeOffset.TryParseExact(scalar.Text, TimestampForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        Report($"is {Node.Description}; write a time such as \"2026-01-31T12:00:00Z\"");
        return null;
    }

    /// <summary>One of the names of an enumeration, in exactly that spelling.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <returns>The value, or null.</returns>
    public T? Choice<T>()
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        if (Records(new(Path, FieldKind.Choice) { Names = names }))
            return null;
        if (Node is not ManifestScalar { Kind: not ManifestScalarKind.Null } scalar)
        {
            Report($"is {Node.Description}; write one of {string.Join(", ", names)}");
            return null;
        }

        var index = scalar.IsText ? Array.IndexOf(names, scalar.Text) : -1;
        if (index >= 0)
            return Enum.GetValues<T>()[index];
        var meant = Spelling.Nearest(scalar.Text, names) is { } name ? $"; did you mean {name}?" : "";
        var at = Node.At;
        _decoder.Report(new ManifestError(at.File, at.Line, at.Column, Path, $"{QuotedText.Of(scalar.Text)} is not one of {string.Join(", ", names)}{meant}")
        {
            // A name that is no text, such as a number, is no name in any version.
            Kind = scalar.IsText ? ManifestErrorKind.UnknownValue : ManifestErrorKind.Invalid,
        });
        return null;
    }

    /// <summary>A mapping of fields. Fields that <paramref name="decode"/> does not ask for are errors.</summary>
    /// <typeparam name="T">What the fields make.</typeparam>
    /// <param name="decode">Asks for every field there is, whatever the others hold.</param>
    /// <returns>What <paramref name="decode"/> made, or null where there is no mapping.</returns>
    public T? Object<T>(Func<ManifestFields, T?> decode)
        where T : class
    {
        if (Records(new(Path, FieldKind.Object)))
            return decode(new ManifestFields(_decoder, (ManifestMapping)Node, Path));
        if (Node is not ManifestMapping mapping)
        {
            Report($"is {Node.Description}, but a mapping of fields is needed");
            return null;
        }

        var fields = new ManifestFields(_decoder, mapping, Path);
        var value = decode(fields);
        fields.ReportUnknown();
        return value;
    }

    /// <summary>The items of a list.</summary>
    /// <param name="max">The most there may be.</param>
    /// <param name="min">The fewest there may be.</param>
    /// <returns>The items, or null.</returns>
    public IReadOnlyList<ManifestValue>? Items(int max, int min = 0)
    {
        if (Records(new(Path, FieldKind.List) { Min = min, Max = max }))
            return [_decoder.Placeholder(Path + "[]")];
        if (Node is not ManifestSequence sequence)
        {
            Report($"is {Node.Description}, but a list is needed");
            return null;
        }

        if (sequence.Items.Count > max)
        {
            Report($"has {sequence.Items.Count} items; write at most {max}");
            return null;
        }

        if (sequence.Items.Count < min)
        {
            Report(min == 1 ? "is empty; write at least one item" : $"has {sequence.Items.Count} items; write at least {min}");
            return null;
        }

        return [.. sequence.Items.Select((item, i) => new ManifestValue(_decoder, item, FieldPath.Item(Path, i)))];
    }

    /// <summary>The entries of a mapping whose names are free, such as labels.</summary>
    /// <param name="max">The most there may be.</param>
    /// <returns>The names and values, or null.</returns>
    public IReadOnlyList<(string Name, ManifestValue Value)>? Entries(int max)
    {
        if (Records(new(Path, FieldKind.Map) { Max = max }))
            return [("*", _decoder.Placeholder(Path + ".*"))];
        if (Node is not ManifestMapping mapping)
        {
            Report($"is {Node.Description}, but a mapping is needed");
            return null;
        }

        if (mapping.Entries.Count > max)
        {
            Report($"has {mapping.Entries.Count} entries; write at most {max}");
            return null;
        }

        return [.. mapping.Entries.Select(entry => (entry.Key, new ManifestValue(_decoder, entry.Value, FieldPath.Field(Path, entry.Key))))];
    }

    private bool Records(FieldShape shape)
    {
        if (_decoder.IsRecording)
            _decoder.Record(shape);
        return _decoder.IsRecording;
    }

    private T? Scalar<T>(Parse<T> parse, string form)
        where T : struct
    {
        if (Node is not ManifestScalar { Kind: not ManifestScalarKind.Null } scalar)
        {
            Report($"is {Node.Description}; write {form}");
            return null;
        }

        if (parse(scalar.Text, out var value, out var error))
            return value;
        Report(error!);
        return null;
    }
}
