using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Running;
using NpuFeatureDiscovery.Benchmarks;

// In this process: another would be built by a project of its own, which knows nothing of this repository's settings. That the build is
// not optimised is no matter where it is only tried whether all runs.
var config = ManualConfig.Create(DefaultConfig.Instance)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableOptimizationsValidator);
try
{
    var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(["--inProcess", .. args], config).ToArray();
    CostPerDevice.Print(summaries);
    return summaries.Length > 0 && summaries.All(summary => summary.Reports.All(report => report.Success)) ? 0 : 1;
}
finally
{
    Hosts.Delete();
}
