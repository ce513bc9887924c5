using NpuFeatureDiscovery.Cli;

#pragma warning disable RS0030 // The one place that speaks to the console.
return await CommandLineApplication.RunAsync(
    args, Console.OpenStandardInput(), Console.Out, Console.Error, ProgramName.Read(), Environment.GetEnvironmentVariable,
    new OutputDevice(1));
