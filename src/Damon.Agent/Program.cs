using Damon.NodeAgent.Hosting;

#pragma warning disable RS0030 // The one place that gives the agent the console.
return await AgentProgram.RunAsync(args, Console.Out, Console.Error);
#pragma warning restore RS0030
