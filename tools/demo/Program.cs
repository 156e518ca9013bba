using System.Runtime.InteropServices;
using Damon.Demo.Commands;
using Damon.Engine.Host;

using var interrupted = new CancellationTokenSource();
void Interrupt(PosixSignalContext context)
{
    // The process goes on, to end its children and to say what was measured so far.
    context.Cancel = true;
    interrupted.Cancel();
}

using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
using var onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
var command = new DemoCommand(DemoConsole.Output, DemoConsole.Error, TimeProvider.System, new HostRoot(), AppContext.BaseDirectory);
return await command.InvokeAsync(args, interrupted.Token);
