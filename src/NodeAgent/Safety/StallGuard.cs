using System.Runtime.ExceptionServices;
using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Carries out calls that may block in the kernel (a write to memory.reclaim, advice, a read of a stalled process's smaps) on threads of their own, so that the agent's loop goes on whatever the
/// kernel does. A call that takes longer than the loop waits is interrupted by a signal to its thread, again and again; where that does not help it is left, and on its subject nothing else is begun
/// until it comes back.
/// </summary>
/// <remarks>
/// One thread, the loop's, calls this; threads begin when they are needed and are kept. A thread that never comes back is in the background and does not keep the program from ending.
/// </remarks>
internal sealed class StallGuard : IDisposable
{
    private readonly TimeProvider _time;
    private readonly int _maxThreads;
    private readonly Dictionary<string, Call> _underWay = new(StringComparer.Ordinal);
    private readonly List<string> _done = [];
    private readonly Stack<Worker> _idle = [];
    private int _threads;

    /// <summary>A guard that has no threads yet.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="maxThreads">The most threads there may be, stuck ones included; at least 1.</param>
    public StallGuard(TimeProvider time, int maxThreads = 8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxThreads, 1);
        (_time, _maxThreads) = (time, maxThreads);
    }

    /// <summary>Calls that have not come back, and whose results were not handed over yet.</summary>
    public int UnderWay => _underWay.Count;

    /// <summary>Carries out a call.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="subject">What it is about: one pod, one control group. One call at a time for each.</param>
    /// <param name="call">The call, on another thread.</param>
    /// <param name="patience">How long to wait for it here.</param>
    /// <param name="onLate">Takes the result of a call that came back later, on the loop's thread.</param>
    /// <param name="result">What it gave, where it finished.</param>
    /// <exception cref="Exception">Whatever the call threw, where it finished.</exception>
    public StallOutcome Run<T>(string subject, Func<T> call, TimeSpan patience, Action<T>? onLate, out T? result)
    {
        result = default;
        if (_underWay.ContainsKey(subject))
        {
            return StallOutcome.Occupied;
        }

        if (!_idle.TryPop(out var worker))
        {
            if (_threads >= _maxThreads)
            {
                return StallOutcome.Exhausted;
            }

            worker = new Worker($"damon-call-{_threads++}");
        }

        var begun = new Call<T>(call, onLate, worker, _time.GetTimestamp());
        worker.Begin(begun);
        if (Wait(begun.Done, patience))
        {
            _idle.Push(worker);
            result = begun.Result();
            return StallOutcome.Finished;
        }

        _underWay.Add(subject, begun);
        worker.Interrupt(begun);
        return StallOutcome.Late;
    }

    /// <summary>For how long a call on a subject has been under way; nothing where none is.</summary>
    public TimeSpan? Occupied(string subject) => _underWay.TryGetValue(subject, out var call) && !call.Done.IsCompleted ? _time.GetElapsedTime(call.Began) : null;

    /// <summary>Hands over what has come back, and interrupts again what has not. To be called in every round of the loop.</summary>
    /// <exception cref="Exception">Whatever a call threw that came back late: a bug in it.</exception>
    public void Tend()
    {
        foreach (var (subject, call) in _underWay)
        {
            if (call.Done.IsCompleted)
            {
                _done.Add(subject);
            }
            else
            {
                call.Worker.Interrupt(call);
            }
        }

        try
        {
            foreach (var subject in _done)
            {
                _underWay.Remove(subject, out var call);
                _idle.Push(call!.Worker);
                call.HandOver();
            }
        }
        finally
        {
            // Where one of them threw, the others are found again by the next call.
            _done.Clear();
        }
    }

    /// <summary>Ends the threads that wait for work, and the others as soon as their calls come back.</summary>
    public void Dispose()
    {
        foreach (var worker in _idle)
        {
            worker.End();
        }

        foreach (var call in _underWay.Values)
        {
            call.Worker.End();
        }

        _idle.Clear();
        _underWay.Clear();
    }

    private bool Wait(Task done, TimeSpan patience)
    {
        if (done.IsCompleted)
        {
            return true;
        }

        try
        {
            done.WaitAsync(patience, _time).GetAwaiter().GetResult();
            return true;
        }
        catch (TimeoutException)
        {
            return done.IsCompleted;
        }
    }

    private abstract class Call(Worker worker, long began)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Worker Worker => worker;

        public long Began => began;

        public Task Done => _done.Task;

        public abstract void CarryOut();

        public abstract void HandOver();

        public void Finish() => _done.SetResult();
    }

    private sealed class Call<T>(Func<T> call, Action<T>? onLate, Worker worker, long began) : Call(worker, began)
    {
        private T? _result;
        private ExceptionDispatchInfo? _thrown;

        public override void CarryOut()
        {
            try
            {
                _result = call();
            }
            catch (Exception e)
            {
                // A bug in the call, for its caller to see and not for this thread to end the program by.
                _thrown = ExceptionDispatchInfo.Capture(e);
            }
        }

        public override void HandOver()
        {
            var result = Result();
            onLate?.Invoke(result!);
        }

        public T? Result()
        {
            _thrown?.Throw();
            return _result;
        }
    }

    private sealed class Worker(string name)
    {
        /// <summary>Guards what is below: an interruption must not meet the thread after its call, nor the next call.</summary>
        private readonly object _gate = new();
        private Thread? _thread;
        private ThreadInterrupt? _interrupt;
        private Call? _call;
        private bool _isEnding;

        public void Begin(Call call)
        {
            lock (_gate)
            {
                _call = call;
                if (_thread is null)
                {
                    _thread = new Thread(Work) { IsBackground = true, Name = name };
                    _thread.Start();
                }

                Monitor.Pulse(_gate);
            }
        }

        public void Interrupt(Call call)
        {
            lock (_gate)
            {
                if (ReferenceEquals(_call, call))
                {
                    _ = _interrupt?.Send();
                }
            }
        }

        public void End()
        {
            lock (_gate)
            {
                _isEnding = true;
                Monitor.Pulse(_gate);
            }
        }

        private void Work()
        {
            var interrupt = ThreadInterrupt.OfCurrentThread();
            lock (_gate)
            {
                // Where threads cannot be interrupted, calls are only waited for and given up.
                _ = interrupt.TryGet(out _interrupt);
            }

            while (Next() is { } call)
            {
                call.CarryOut();
                lock (_gate)
                {
                    _call = null;
                }

                call.Finish();
            }
        }

        private Call? Next()
        {
            lock (_gate)
            {
                while (_call is null && !_isEnding)
                {
                    Monitor.Wait(_gate);
                }

                return _call;
            }
        }
    }
}
