using System.Runtime.InteropServices;
using Damon.Footprint.Commands;

using var interrupted = new CancellationTokenSource();
void Interrupt(PosixSignalContext context)
{
    // The process goes on, to end its children.
    context.Cancel = true;
    interrupted.Cancel();
}

using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
using var onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
#pragma warning disable RS0030 // The one place that has the console.
return await new FootprintCommand(Console.Out, Console.Error, TimeProvider.System).InvokeAsync(args, interrupted.Token);
#pragma warning restore RS0030
