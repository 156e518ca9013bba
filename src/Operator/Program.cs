using Damon.Operator.Hosting;

#pragma warning disable RS0030 // The one place that gives the operator the console.
return await OperatorProgram.RunAsync(args, Console.Out, Console.Error);
#pragma warning restore RS0030
