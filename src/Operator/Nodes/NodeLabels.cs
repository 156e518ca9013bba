namespace Damon.Operator.Nodes;

/// <summary>A node's labels: two texts each, shared with the other nodes, in the order of names. Compared by value.</summary>
public sealed class NodeLabels : IEquatable<NodeLabels>
{
    private readonly KeyValuePair<string, string>[] _labels;

    /// <summary>Takes labels.</summary>
    public NodeLabels(IEnumerable<KeyValuePair<string, string>> labels)
    {
        _labels = [.. labels];
        Array.Sort(_labels, static (left, right) => string.CompareOrdinal(left.Key, right.Key));
    }

    /// <summary>No labels.</summary>
    public static NodeLabels None { get; } = new([]);

    /// <summary>How many.</summary>
    public int Count => _labels.Length;

    /// <summary>A label's value; null where the node has no such label.</summary>
    public string? Find(string name)
    {
        var (from, to) = (0, _labels.Length - 1);
        while (from <= to)
        {
            var middle = (from + to) >>> 1;
            switch (string.CompareOrdinal(_labels[middle].Key, name))
            {
                case 0: return _labels[middle].Value;
                case < 0: from = middle + 1; break;
                default: to = middle - 1; break;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public bool Equals(NodeLabels? other) => other is not null && _labels.AsSpan().SequenceEqual(other._labels);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NodeLabels);

    /// <inheritdoc/>
    public override int GetHashCode() => _labels.Length == 0 ? 0 : HashCode.Combine(_labels.Length, _labels[0], _labels[^1]);
}
