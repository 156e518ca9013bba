using System.Runtime.InteropServices;
using Damon.Scale.Commands;

using var interrupted = new CancellationTokenSource();
void Interrupt(PosixSignalContext context)
{
    // The process goes on, to end its servers and to say what was measured so far.
    context.Cancel = true;
    interrupted.Cancel();
}

using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
using var onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
var command = new ScaleCommand(ScaleConsole.Output, ScaleConsole.Error, ScaleConsole.IsTerminal, TimeProvider.System);
return await command.InvokeAsync(args, interrupted.Token);
