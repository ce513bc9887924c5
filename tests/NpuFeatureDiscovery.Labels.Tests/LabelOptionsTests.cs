using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests;

public sealed class LabelOptionsTests
{
    [Test]
    public void All_mistakes_are_told_together()
    {
        using var services = Services(options =>
        {
            options.Profiles = ["beta", "gamma"];
            options.Interval = TimeSpan.Zero;
        });

        Assert.That(() => services.GetRequiredService<IOptions<LabelOptions>>().Value,
            Throws.TypeOf<OptionsValidationException>().With.Message.Contain("'gamma'").And.Message.Contain("00:00:01"));
    }

    [Test]
    public void No_profile_is_a_mistake()
    {
        using var services = Services(options => options.Profiles = []);

        Assert.That(() => services.GetRequiredService<IOptions<LabelOptions>>().Value,
            Throws.TypeOf<OptionsValidationException>().With.Message.Contain("beta"));
    }

    [TestCase("")]
    [TestCase("a b")]
    [TestCase("-haps")]
    public void A_hardware_type_that_is_no_label_value_is_a_mistake(string type)
    {
        using var services = Services(options => options.HardwareType = type);

        Assert.That(() => services.GetRequiredService<IOptions<LabelOptions>>().Value,
            Throws.TypeOf<OptionsValidationException>().With.Message.Contain($"'{type}'").And.Message.Contain("1 to 63"));
    }

    [TestCase("")]
    [TestCase(".hidden")]
    [TestCase("a/b")]
    public void A_file_name_that_NFD_would_not_read_is_a_mistake(string name)
    {
        using var services = Services(_ => { }, file => file.FileName = name);

        Assert.That(() => services.GetRequiredService<ILabelSink>(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contain($"'{name}'"));
    }

    [Test]
    public void Without_further_registrations_labels_go_to_the_folder_that_nfd_worker_reads()
    {
        using var services = Services(_ => { });

        Assert.That(services.GetRequiredService<ILabelSink>().Target, Is.EqualTo(
            "/etc/kubernetes/node-feature-discovery/features.d/npu-feature-discovery"));
    }

    private static ServiceProvider Services(Action<LabelOptions> configure, Action<FeatureFileOptions>? file = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerProvider, LogSink>().AddLogging().AddNpuLabels(configure);
        if (file is not null)
            services.Configure(file);

        return services.BuildServiceProvider();
    }
}
