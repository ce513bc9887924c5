using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests;

public sealed class EndpointOptionsTests : IDisposable
{
    private readonly TlsFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Test]
    public void All_that_is_wrong_is_said_at_once()
    {
        using var services = new ServiceCollection()
            .AddNpuEndpoint(endpoint =>
            {
                (endpoint.CheckDeadline, endpoint.CollectDeadline) = (TimeSpan.Zero, TimeSpan.FromHours(1));
                (endpoint.MaxSeries, endpoint.TlsCertificateFile) = (0, _files.CertificateFile);
                (endpoint.BearerTokenFile, endpoint.BasicAuthFile) = ("/none", _files.Path);
            })
            .BuildServiceProvider();

        Assert.That(() => services.GetRequiredService<EndpointService>(), Throws.TypeOf<OptionsValidationException>()
            .With.Message.Contain("Address is not set").And.Message.Contain("CheckDeadline is '00:00:00'")
            .And.Message.Contain("CollectDeadline is '01:00:00'").And.Message.Contain("MaxSeries is '0': allowed are 1 to 10000000.")
            .And.Message.Contain("TlsCertificateFile and TlsPrivateKeyFile go together: set both.")
            .And.Message.Contain("BearerTokenFile is '/none': there is no such file.")
            .And.Message.Contain($"BasicAuthFile is '{_files.Path}': it is a folder."));
    }

    [Test]
    public void It_may_be_added_more_than_once()
    {
        using var services = new ServiceCollection()
            .AddNpuEndpoint(endpoint => endpoint.Address = EndpointAddress.Parse(":0"))
            .AddNpuEndpoint(endpoint => endpoint.Meters.Add("Mine"))
            .BuildServiceProvider();

        Assert.That(services.GetServices<Microsoft.Extensions.Hosting.IHostedService>(), Has.Exactly(1).Items);
        Assert.That(services.GetServices<IMetricSource>(), Has.Exactly(3).Items);
    }

    [Test]
    public void A_certificate_and_its_key_are_taken()
    {
        Assert.That(EndpointOptions.TlsCertificateError(_files.CertificateFile), Is.Null);
        Assert.That(EndpointOptions.TlsPrivateKeyError(_files.CertificateFile, _files.PrivateKeyFile), Is.Null);
    }

    [TestCase("", "no certificate is in it: give certificates in PEM form, the server's first.")]
    [TestCase("\0\u0001\u0002", "no certificate is in it: give certificates in PEM form, the server's first.")]
    [TestCase(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "a certificate in it cannot be read: give certificates in PEM form.")]
    public void A_bad_certificate_is_told(string text, string reason)
    {
        _files.Replace(text, "");

        Assert.That(EndpointOptions.TlsCertificateError(_files.CertificateFile), Is.EqualTo(reason));
        Assert.That(EndpointOptions.TlsPrivateKeyError(_files.CertificateFile, _files.PrivateKeyFile), Is.Null);
    }

    [Test]
    public void A_key_of_another_certificate_is_told()
    {
        using var others = new TlsFiles();

        Assert.That(EndpointOptions.TlsPrivateKeyError(_files.CertificateFile, others.PrivateKeyFile), Is.EqualTo(
            "its key cannot be read, or is not that of the first certificate: give the two that were made together."));
    }

    [TestCase("", "no private key is in it: give one in PEM form.")]
    [TestCase(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "its key is encrypted: give it without a passphrase.")]
    [TestCase(
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "its key cannot be read, or is not that of the first certificate: give the two that were made together.")]
    public void A_bad_key_is_told(string text, string reason)
    {
        _files.Replace(File.ReadAllText(_files.CertificateFile), text);

        Assert.That(EndpointOptions.TlsPrivateKeyError(_files.CertificateFile, _files.PrivateKeyFile), Is.EqualTo(reason));
    }

    [TestCase("", "it is empty: write the token into it.")]
    [TestCase(" \n\n", "it is empty: write the token into it.")]
    [TestCase("a b", "its token has blanks, several lines or letters beyond ASCII, which no client can send.")]
    [TestCase("a\nb\n", "its token has blanks, several lines or letters beyond ASCII, which no client can send.")]
    [TestCase("pässword", "its token has blanks, several lines or letters beyond ASCII, which no client can send.")]
    [TestCase("token\r\n", null)]
    public void A_bad_token_is_told(string text, string? reason)
    {
        File.WriteAllText(_files.At("token"), text);

        Assert.That(EndpointOptions.BearerTokenError(_files.At("token")), Is.EqualTo(reason));
    }

    [TestCase("", "it is empty: write a line USER:PASSWORD for each user into it.")]
    [TestCase("\n\r\n", "it is empty: write a line USER:PASSWORD for each user into it.")]
    [TestCase("anna:a\nsecret\n", "line 2 is not of the form USER:PASSWORD.")]
    [TestCase(":secret", "line 1 is not of the form USER:PASSWORD.")]
    [TestCase("anna:", "line 1 is not of the form USER:PASSWORD.")]
    [TestCase("anna:a\n\nbert:b:c", null)]
    public void A_bad_list_of_users_is_told_without_its_secrets(string text, string? reason)
    {
        File.WriteAllText(_files.At("users"), text);

        Assert.That(EndpointOptions.BasicAuthError(_files.At("users")), Is.EqualTo(reason));
    }

    [Test]
    public void A_huge_file_is_told()
    {
        File.WriteAllText(_files.At("token"), new string('x', 2_000_000));

        Assert.That(EndpointOptions.BearerTokenError(_files.At("token")), Is.EqualTo("it has more than 131072 bytes."));
    }
}
