namespace Damon.Kubernetes.Controllers;

/// <summary>Hears what a controller does, for logs and metrics. Called by several workers at once.</summary>
/// <typeparam name="TKey">Names what is looked at.</typeparam>
public interface IControllerObserver<in TKey>
{
    /// <summary>A key was looked at.</summary>
    /// <param name="key">Which one.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="took">How long it took.</param>
    /// <param name="exception">What the reconciler threw, which is a bug.</param>
    void Reconciled(TKey key, ReconcileResult result, TimeSpan took, Exception? exception);
}
