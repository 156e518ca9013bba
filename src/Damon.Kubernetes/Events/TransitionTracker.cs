namespace Damon.Kubernetes.Events;

/// <summary>Tells a change of state from a state that lasts, so that a loop that looks every second reports once. For one thread.</summary>
/// <typeparam name="TSubject">Whose state it is, with which aspect of it.</typeparam>
/// <typeparam name="TState">Compared for equality.</typeparam>
/// <param name="initial">The state that needs no report when a subject is first seen: a restart is no transition.</param>
public sealed class TransitionTracker<TSubject, TState>(TState initial)
    where TSubject : notnull
{
    private readonly Dictionary<TSubject, TState> _states = [];

    /// <summary>Whether the state is another than the last one; it is the last one from now on.</summary>
    public bool Enters(TSubject subject, TState state)
    {
        var last = _states.GetValueOrDefault(subject, initial);
        if (EqualityComparer<TState>.Default.Equals(last, state))
            return false;
        // A subject in its initial state needs no memory.
        if (EqualityComparer<TState>.Default.Equals(initial, state))
            _states.Remove(subject);
        else
            _states[subject] = state;
        return true;
    }

    /// <summary>The subject is gone.</summary>
    public void Forget(TSubject subject) => _states.Remove(subject);
}
