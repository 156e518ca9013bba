using System.Collections.Concurrent;
using System.Text;

namespace Damon.Operator.Json;

/// <summary>
/// Holds texts that thousands of objects repeat once. Bounded: a pool that is full starts anew, so that what is gone, or made to fill it, costs its memory for a while only. For several threads.
/// </summary>
/// <param name="capacity">The most texts.</param>
public sealed class TextPool(int capacity = 32_768)
{
    private const int MaxLength = 256;

    private ConcurrentDictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>The text, shared.</summary>
    public string Get(string text) => text.Length switch
    {
        0 => "",
        > MaxLength => text,
        _ => Volatile.Read(ref _texts).TryGetValue(text, out var known) ? known : Add(text),
    };

    /// <summary>The text, shared. One that is known costs no memory.</summary>
    /// <param name="utf8">In UTF-8.</param>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxLength)
            return Get(Encoding.UTF8.GetString(utf8));
        Span<char> chars = stackalloc char[MaxLength];
        var text = chars[..Encoding.UTF8.GetChars(utf8, chars)];
        return Volatile.Read(ref _texts).GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var known) ? known : Get(text.ToString());
    }

    private string Add(string text)
    {
        var texts = Volatile.Read(ref _texts);
        if (texts.Count >= capacity)
            Volatile.Write(ref _texts, texts = new(StringComparer.Ordinal));
        return texts.GetOrAdd(text, text);
    }
}
