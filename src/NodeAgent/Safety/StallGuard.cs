using System.Globalization;
using System.Runtime.ExceptionServices;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;

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
    /// <summary>
    /// Nearly every call is back within microseconds. Until then it is waited for on the thread's own event: a wait on the clock needs a timer, which costs more than the call. On no clock, because it says
    /// nothing about how long a call took.
    /// </summary>
    private const int BriefMilliseconds = 10;

    private readonly TimeProvider _time;
    private readonly int _maxThreads;
    private readonly Dictionary<string, Call> _underWay = new(StringComparer.Ordinal);
    private readonly List<string> _done = [];
    private readonly List<ProbeLook> _looks = [];
    private readonly Spent _spent = new();
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

    /// <summary>The CPU time of all calls that have come back.</summary>
    public TimeSpan CpuTime => TimeSpan.FromTicks(Interlocked.Read(ref _spent.Ticks));

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

        if (TakeWorker() is not { } worker)
        {
            return StallOutcome.Exhausted;
        }

        var begun = new Call<T>(call, onLate, worker, _time.GetTimestamp());
        worker.Begin(begun);
        if (Wait(begun, patience))
        {
            _idle.Push(worker);
            result = begun.Result();
            return StallOutcome.Finished;
        }

        _underWay.Add(subject, begun);
        worker.Interrupt(begun);
        return StallOutcome.Late;
    }

    /// <summary>
    /// Carries out looks one after another on one thread. Each has a subject, its target's group. Where one does not come back it is left, on its subject nothing else is begun, and the others go on on
    /// another thread; so one process holds up the looks at all others once.
    /// </summary>
    /// <param name="looks">The looks. Those whose subject is occupied, and those for which there is no thread, are not begun.</param>
    /// <param name="patience">How long to wait here for one look; up to twice as long, because a look is stuck that was the same before and after one patience.</param>
    public void RunEach(IReadOnlyList<ProbeLook> looks, TimeSpan patience)
    {
        for (var next = 0; next < looks.Count;)
        {
            _looks.Clear();
            var first = next;
            for (; next < looks.Count; next++)
            {
                if (!_underWay.ContainsKey(SubjectOf(looks[next])))
                {
                    _looks.Add(looks[next]);
                }
            }

            if (_looks.Count == 0 || TakeWorker() is not { } worker)
            {
                return;
            }

            var series = new Series([.. _looks], worker, _time.GetTimestamp());
            worker.Begin(series);
            if (WaitForEach(series, patience))
            {
                _idle.Push(worker);
                return;
            }

            // What lies behind the look that is stuck is begun anew, without those of the same subject.
            var (stuck, rest) = series.Cut(_time.GetTimestamp());
            _underWay[SubjectOf(stuck)] = series;
            worker.Interrupt(series);
            next = rest is null ? looks.Count : IndexOf(looks, rest, first);
        }
    }

    /// <summary>For how long a call on a subject has been under way; nothing where none is.</summary>
    public TimeSpan? Occupied(string subject) => _underWay.TryGetValue(subject, out var call) && !call.IsDone ? _time.GetElapsedTime(call.Began) : null;

    /// <summary>Hands over what has come back, and interrupts again what has not. To be called in every round of the loop.</summary>
    /// <exception cref="Exception">Whatever a call threw that came back late: a bug in it.</exception>
    public void Tend()
    {
        foreach (var (subject, call) in _underWay)
        {
            if (call.IsDone)
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

    private static string SubjectOf(ProbeLook look) => look.Group ?? look.TargetId.ToString(CultureInfo.InvariantCulture);

    private static int IndexOf(IReadOnlyList<ProbeLook> looks, ProbeLook look, int from)
    {
        while (!ReferenceEquals(looks[from], look))
        {
            from++;
        }

        return from;
    }

    private Worker? TakeWorker() => _idle.TryPop(out var worker) ? worker : _threads < _maxThreads ? new Worker($"damon-call-{_threads++}", _spent) : null;

    private bool WaitForEach(Series series, TimeSpan patience)
    {
        // A pass over many takes long as a whole: stuck is one look that was the same before and after. What has not begun yet waits for a processor and not for the kernel.
        var before = 0;
        while (!Wait(series, patience))
        {
            var now = series.Position;
            if (now == before && now > 0)
            {
                return false;
            }

            before = now;
        }

        return true;
    }

    private bool Wait(Call call, TimeSpan patience)
    {
        if (call.IsDone || call.Worker.Finished.Wait(BriefMilliseconds))
        {
            return true;
        }

        try
        {
            call.WhenDone().WaitAsync(patience, _time).GetAwaiter().GetResult();
            return true;
        }
        catch (TimeoutException)
        {
            return call.IsDone;
        }
    }

    private abstract class Call(Worker worker, long began)
    {
        private readonly Lock _gate = new();
        private volatile bool _isDone;
        private TaskCompletionSource? _done;

        public Worker Worker => worker;

        /// <summary>When that which is under way began.</summary>
        public long Began { get; protected set; } = began;

        public bool IsDone => _isDone;

        public abstract void CarryOut();

        public abstract void HandOver();

        /// <summary>For those that wait longer than briefly.</summary>
        public Task WhenDone()
        {
            lock (_gate)
            {
                _done ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_isDone)
                {
                    _done.TrySetResult();
                }

                return _done.Task;
            }
        }

        public void Finish()
        {
            // Somebody may begin to wait at this moment: either they see that it is done, or we see that they wait.
            lock (_gate)
            {
                _isDone = true;
                _done?.TrySetResult();
            }
        }
    }

    /// <summary>Looks that are carried out one after another, until the rest is taken away.</summary>
    private sealed class Series(ProbeLook[] looks, Worker worker, long began) : Call(worker, began)
    {
        private const int Taken = int.MaxValue;

        /// <summary>How many looks were begun, or <see cref="Taken"/>: the thread that carries them out and the one that gives up waiting agree by it on who has the rest.</summary>
        private int _begun;

        public int Position => Volatile.Read(ref _begun);

        public override void CarryOut()
        {
            for (var i = 0; i < looks.Length && Interlocked.CompareExchange(ref _begun, i + 1, i) == i; i++)
            {
                looks[i].CarryOut();
            }
        }

        /// <summary>Takes away what was not begun.</summary>
        /// <returns>The look that is under way, and the first of the rest, if there is one.</returns>
        public (ProbeLook Stuck, ProbeLook? Next) Cut(long now)
        {
            var begun = Interlocked.Exchange(ref _begun, Taken);
            Began = now;
            return (looks[Math.Max(0, begun - 1)], begun < looks.Length ? looks[begun] : null);
        }

        public override void HandOver()
        {
            // What a late look has found is the session's to throw away.
        }
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

    private sealed class Spent
    {
        public long Ticks;
    }

    private sealed class Worker(string name, Spent spent)
    {
        private static readonly ThreadCpuClock Cpu = new();

        /// <summary>Guards what is below: an interruption must not meet the thread after its call, nor the next call.</summary>
        private readonly object _gate = new();
        private Thread? _thread;
        private ThreadInterrupt? _interrupt;
        private Call? _call;
        private bool _isEnding;

        /// <summary>Set while no call is under way; a wait on it needs no clock.</summary>
        public ManualResetEventSlim Finished { get; } = new();

        public void Begin(Call call)
        {
            lock (_gate)
            {
                Finished.Reset();
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
                var began = Cpu.GetTimestamp();
                call.CarryOut();
                Interlocked.Add(ref spent.Ticks, Cpu.GetElapsedTime(began).Ticks);
                lock (_gate)
                {
                    _call = null;
                }


                // In this order: who sees that the call is done may begin the next one, and that one's wait must not meet this one's end.
                Finished.Set();
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
