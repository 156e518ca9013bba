using Damon.Engine.Host;

namespace Damon.Lab.Guest.Running;

/// <summary>Runs tests one after the other and reports each as it ends. No test ends it: whatever one throws is that test's failure.</summary>
internal sealed class LabRunner(HostRoot host, LabMachine machine, TimeProvider time, TextWriter output)
{
    /// <summary>How long a test that was told to stop may take to do so before it is left behind.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CleanUpPatience = TimeSpan.FromMinutes(2);

    /// <returns>How many failed.</returns>
    public async Task<int> RunAsync(IReadOnlyList<LabTest> tests)
    {
        int passed = 0, failed = 0, skipped = 0;
        foreach (var test in tests)
        {
            if (test.SkipReason(machine) is { } reason)
            {
                Report(new LabEvent(LabEventKind.Skipped, test.Name, Message: reason));
                skipped++;
                continue;
            }

            Report(new LabEvent(LabEventKind.Started, test.Name));
            var start = time.GetTimestamp();
            var failure = await RunAsync(test);
            var seconds = time.GetElapsedTime(start).TotalSeconds;
            Report(failure is null ? new LabEvent(LabEventKind.Passed, test.Name, seconds) : new LabEvent(LabEventKind.Failed, test.Name, seconds, failure));
            if (failure is null)
                passed++;
            else
                failed++;
        }

        Report(new LabEvent(LabEventKind.Finished, Passed: passed, Failed: failed, Skipped: skipped));
        return failed;
    }

    /// <returns>Why it failed; nothing where it passed.</returns>
    private async Task<string?> RunAsync(LabTest test)
    {
        using var stop = new CancellationTokenSource(test.Timeout, time);
        var context = new LabContext(host, machine, time, stop.Token);
        string? failure = null;
        try
        {
            // On a thread of its own: a body that blocks is left behind as well.
            await Task.Run(() => test.Body(context), CancellationToken.None).WaitAsync(test.Timeout + Grace, time, CancellationToken.None);
        }
        catch (Exception exception)
        {
            failure = stop.IsCancellationRequested ? $"not done after {test.Timeout.TotalSeconds} s. {exception.Message}" : Describe(exception);
        }

        try
        {
            // What hangs in the kernel cannot be killed: the tests after this one are run all the same.
            await context.CleanUpAsync().WaitAsync(CleanUpPatience, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            failure = $"{failure}{(failure is null ? "" : " — ")}cleaning up: not done after {CleanUpPatience.TotalSeconds} s; stuck: {StuckTasks.Describe(host)}";
        }
        catch (Exception exception)
        {
            failure = $"{failure}{(failure is null ? "" : " — ")}cleaning up: {Describe(exception)}";
        }

        return failure;
    }

    private static string Describe(Exception exception) =>
        exception is ExpectationException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}\n{exception.StackTrace}";

    private void Report(LabEvent labEvent)
    {
        output.WriteLine(labEvent.ToLine());
        output.Flush();
    }
}
