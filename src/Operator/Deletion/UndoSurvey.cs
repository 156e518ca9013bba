using Damon.Operator.Nodes;

namespace Damon.Operator.Deletion;

/// <summary>
/// How far nodes are with undoing a scheme that is being deleted. A node is done when its agent has taken up a plan without the scheme, or nobody is there who could have it; one that does not answer is given up in time, because
/// nothing may keep an admin from deleting.
/// </summary>
/// <param name="Pending">Nodes that are waited for.</param>
/// <param name="GivenUp">Nodes that were given up: whether they have undone it is not known. In the order of names.</param>
internal sealed record UndoSurvey(int Pending, IReadOnlyList<string> GivenUp)
{
    /// <summary>Whether nobody is waited for any more.</summary>
    public bool IsDone => Pending == 0;

    /// <summary>Looks at all nodes.</summary>
    /// <param name="name">The scheme's name.</param>
    /// <param name="uid">The scheme's uid.</param>
    /// <param name="deletedAt">When it was deleted.</param>
    /// <param name="rows">All nodes.</param>
    /// <param name="now">The time of day.</param>
    /// <param name="lostAfter">After which time out of reach a node is given up.</param>
    public static UndoSurvey Of(string name, string uid, DateTimeOffset deletedAt, IEnumerable<NodeRow> rows, DateTimeOffset now, TimeSpan lostAfter)
    {
        // Whatever happens, nobody waits longer than for a node that is lost after its plan was written late.
        var isOver = now - deletedAt >= 2 * lostAfter;
        var pending = 0;
        List<string> givenUp = [];
        foreach (var row in rows)
        {
            if (row.Record is not { } record || row.Facts is null || row.AgentPods.Count == 0)
                continue;
            var isPlanned = record.Entry(uid) is not null;

            // The agent may be about to take up, or have taken up, a plan with it: only the echo of one without says that it has not.
            var isOwed = isPlanned || (!record.IsEchoed && (record.Status(name) is not null || row.HadSchemes.Contains(uid)));
            if (!isOwed)
                continue;
            if (isOver || NodeContact.Of(row, now, lostAfter).IsLost)
                givenUp.Add(row.Name);
            else
                pending++;
        }

        givenUp.Sort(StringComparer.Ordinal);
        return new(pending, givenUp);
    }
}
