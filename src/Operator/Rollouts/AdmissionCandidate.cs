namespace Damon.Operator.Rollouts;

/// <summary>A node that could be admitted next.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Order">Its place.</param>
/// <param name="ForCanary">Whether something can be learned from it.</param>
internal readonly record struct AdmissionCandidate(string Node, ulong Order, bool ForCanary) : IComparable<AdmissionCandidate>
{
    public int CompareTo(AdmissionCandidate other)
    {
        var order = Order.CompareTo(other.Order);
        return order != 0 ? order : string.CompareOrdinal(Node, other.Node);
    }
}
