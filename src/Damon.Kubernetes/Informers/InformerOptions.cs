using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Kubernetes.Informers;

/// <summary>What an informer follows, and how.</summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
/// <param name="Query">Which objects.</param>
/// <param name="Decoder">What is kept of each.</param>
public sealed record InformerOptions<T>(ObjectQuery Query, ObjectDecoder<T> Decoder)
{
    /// <summary>How lists are asked for.</summary>
    public ListMode ListMode { get; init; } = ListMode.Paged;

    /// <summary>Objects in a page.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>What the store finds objects by, beside their keys.</summary>
    public IReadOnlyList<StoreIndex<T>> Indexes { get; init; } = [];

    /// <summary>Each watch is asked for a time by chance from this to twice this, so that watches that began together do not end together.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often handlers look at every object again, up to a tenth earlier or later by chance; no request is made for it. Null for never.</summary>
    public TimeSpan? ResyncPeriod { get; init; }

    /// <summary>The first wait after a failure.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between attempts; a server that asks for more is given it, up to <see cref="MaxRetryAfter"/>.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait that a server may ask for; null for ten times <see cref="MaxBackoff"/>.</summary>
    public TimeSpan? MaxRetryAfter { get; init; }

    /// <summary>
    /// For so long a kind must be answered "not found" before its objects are taken for gone: a server that starts may not know its custom resources yet, and what follows from "gone" is undone only
    /// with effort.
    /// </summary>
    public TimeSpan GoneGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether objects that were there stay in the store while their kind is not found, however long that is. For who would undo things because of their absence: a server behind a proxy, or one that is being
    /// replaced, may not know a kind for minutes. A kind that was really taken away and made again is told of by its next list.
    /// </summary>
    public bool KeepsWhenGone { get; init; }
}
