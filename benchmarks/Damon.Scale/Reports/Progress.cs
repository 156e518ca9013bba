namespace Damon.Scale.Reports;

/// <summary>Says on standard error how far a run is: in one line that is written over on a terminal, else in a line now and then.</summary>
/// <param name="error">Where to.</param>
/// <param name="isTerminal">Whether a line can be written over.</param>
/// <param name="time">The clock.</param>
internal sealed class Progress(TextWriter error, bool isTerminal, TimeProvider time)
{
    private static readonly TimeSpan TerminalEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);

    private readonly long _began = time.GetTimestamp();

    // Progress comes from several threads at once.
    private readonly Lock _lock = new();
    private long? _last;
    private bool _isOpen;

    /// <summary>A step begins.</summary>
    public void Step(string what)
    {
        lock (_lock)
        {
            Close();
            _last = null;
            error.WriteLine($"{Elapsed()}  {what}");
        }
    }

    /// <summary>How far the step is; told seldom enough not to cost anything.</summary>
    public void Tell(Func<string> state)
    {
        lock (_lock)
        {
            if (_last is { } last && time.GetElapsedTime(last) < (isTerminal ? TerminalEvery : LineEvery))
                return;
            _last = time.GetTimestamp();
            if (isTerminal)
            {
                error.Write($"\r\u001b[K{Elapsed()}    {state()}");
                _isOpen = true;
            }
            else
            {
                error.WriteLine($"{Elapsed()}    {state()}");
            }
        }
    }

    /// <summary>The run is over.</summary>
    public void End()
    {
        lock (_lock)
            Close();
    }

    private string Elapsed() => $"{time.GetElapsedTime(_began).TotalSeconds,6:F1} s";

    private void Close()
    {
        if (_isOpen)
            error.WriteLine();
        _isOpen = false;
    }
}
