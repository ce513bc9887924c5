using System.IO.Pipes;

namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class OutputDeviceTests
{
    [Test]
    public void A_pipe_is_closed_when_its_reader_has_gone()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        var device = new OutputDevice((int)pipe.SafePipeHandle.DangerousGetHandle());

        var before = device.IsClosed;
        reader.Dispose();

        Assert.That((before, device.IsClosed, device.IsTerminal), Is.EqualTo((false, true, false)));
    }

    [Test]
    public void A_text_in_memory_is_neither_a_terminal_nor_closed()
    {
        var device = new OutputDevice(null);

        Assert.That((device.IsTerminal, device.IsClosed), Is.EqualTo((false, false)));
    }
}
