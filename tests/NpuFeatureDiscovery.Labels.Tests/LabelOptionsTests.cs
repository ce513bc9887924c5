using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;
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
            options.Profiles = ["beta", "gamma", "delta"];
        });

        Assert.That(() => services.GetRequiredService<IOptions<LabelOptions>>().Value,
            Throws.TypeOf<OptionsValidationException>().With.Message.Contain("'gamma'").And.Message.Contain("'delta'"));
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
        using var services = Services(_ => { }, services => services.Configure<FeatureFileOptions>(file => file.FileName = name));

        Assert.That(() => services.GetRequiredService<ILabelSink>(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contain($"'{name}'"));
    }

    [TestCase(60, ExpectedResult = 300)]
    [TestCase(101, ExpectedResult = 303)]
    public double? The_lease_is_three_intervals_and_at_least_five_minutes(int interval)
    {
        using var services = Services(_ => { }, services => services.AddNpuDevices(devices => devices.Interval = TimeSpan.FromSeconds(interval)));

        return services.GetRequiredService<IOptions<FeatureFileOptions>>().Value.Lease?.TotalSeconds;
    }

    [Test]
    public void A_lease_that_cannot_be_renewed_in_time_is_a_mistake()
    {
        using var services = Services(_ => { }, services => services.Configure<FeatureFileOptions>(file => file.Lease = TimeSpan.FromMinutes(2)));

        Assert.That(() => services.GetRequiredService<ILabelSink>(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contain("00:02:00").And.Message.Contain("three times"));
    }

    [Test]
    public void Intervals_out_of_range_are_mistakes()
    {
        using var services = Services(_ => { }, services => services.AddNpuDevices(devices =>
        {
            devices.Interval = TimeSpan.Zero;
            devices.HealthInterval = TimeSpan.FromMinutes(2);
        }));

        Assert.That(() => services.GetRequiredService<IOptions<DeviceMonitorOptions>>().Value,
            Throws.TypeOf<OptionsValidationException>().With.Message.Contain("Interval is 00:00:00")
                .And.Message.Contain("HealthInterval is 00:02:00"));
    }

    [Test]
    public void Without_further_registrations_labels_go_to_the_folder_that_nfd_worker_reads()
    {
        using var services = Services(_ => { });

        Assert.That(services.GetRequiredService<ILabelSink>().Target, Is.EqualTo(
            "/etc/kubernetes/node-feature-discovery/features.d/npu-feature-discovery"));
    }

    private static ServiceProvider Services(Action<LabelOptions> configure, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerProvider, LogSink>().AddLogging().AddNpuLabels(configure);
        more?.Invoke(services);
        return services.BuildServiceProvider();
    }
}
