using System.Globalization;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>Follows a scheme's watermarks in a running session: reads the machine at their interval and keeps why the scheme rests.</summary>
internal sealed class SchemeWatermark
{
    private readonly WatermarkState _state = new();
    private SchemeWatermarks _marks;
    private TimeSpan _nextLook;
    private bool _isUnreadable;
    private string _failure = "";
    private int _thousandths;

    public SchemeWatermark(SchemeWatermarks marks) => _marks = marks;

    /// <summary>Whether the scheme rests now.</summary>
    public bool IsResting => _isUnreadable || !_state.IsActive;

    /// <summary>Why, for people; empty where it does not rest.</summary>
    public string RestReason => _isUnreadable ? $"{_marks.Metric} cannot be read: {_failure}"
        : _state.IsActive ? ""
        : _thousandths > _marks.High ? $"{_marks.Metric} is {Percent(_thousandths)}, above the high mark {Percent(_marks.High)}"
        : _thousandths < _marks.Low ? $"{_marks.Metric} is {Percent(_thousandths)}, below the low mark {Percent(_marks.Low)}"
        : $"{_marks.Metric} is {Percent(_thousandths)} and has not been below the mid mark {Percent(_marks.Mid)} since it rests";

    /// <summary>Puts other marks in force: the state goes on, and the next look, at once, judges by them. Equal marks change nothing.</summary>
    /// <param name="marks">The marks.</param>
    public void Update(SchemeWatermarks marks)
    {
        if (marks == _marks)
        {
            return;
        }

        _marks = marks;
        _nextLook = TimeSpan.Zero;
        if (marks.Metric == WatermarkMetric.None)
        {
            _isUnreadable = false;
            _state.Advance(marks, 0);
        }
    }

    /// <summary>Looks where it is time to. A machine that cannot be read makes the scheme rest and leaves the state for when it can be again.</summary>
    /// <param name="now">Time since the session began.</param>
    /// <param name="machine">The machine; null where there is none to read.</param>
    public void Advance(TimeSpan now, ISystemMemory? machine)
    {
        if (_marks.Metric == WatermarkMetric.None || now < _nextLook)
        {
            return;
        }

        _nextLook = now + _marks.Interval;
        if (machine is null || !machine.TryReadMachine(out var totals) || totals.TotalBytes == 0)
        {
            _isUnreadable = true;
            _failure = machine is null ? "this session has no machine to read"
                : machine.LastError.Length > 0 ? machine.LastError
                : "it is said to have no memory";
            return;
        }

        _isUnreadable = false;
        _thousandths = WatermarkState.ThousandthsOf(_marks.Metric == WatermarkMetric.FreeMemory ? totals.FreeBytes : totals.AvailableBytes, totals.TotalBytes);
        _state.Advance(_marks, _thousandths);
    }

    private static string Percent(int thousandths) => string.Create(CultureInfo.InvariantCulture, $"{thousandths / 10}.{thousandths % 10}%");
}
