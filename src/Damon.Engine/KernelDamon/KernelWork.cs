namespace Damon.Engine.KernelDamon;

/// <summary>A request with a result.</summary>
/// <param name="work">What to do.</param>
/// <param name="refusal">The result that says that nothing was done, and why.</param>
internal sealed class KernelWork<T>(Func<T> work, Func<string, T> refusal) : KernelWorkItem
{
    // The caller's code must never run on the worker's thread.
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The result.</summary>
    public Task<T> Result => _result.Task;

    /// <inheritdoc/>
    public override void CarryOut()
    {
        try
        {
            _result.TrySetResult(work());
        }
        catch (Exception exception)
        {
            _result.TrySetException(exception);
        }
    }

    /// <inheritdoc/>
    public override void Refuse(string reason) => _result.TrySetResult(refusal(reason));
}
