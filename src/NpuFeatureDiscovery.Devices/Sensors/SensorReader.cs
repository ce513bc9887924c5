using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>Reads the sensors of cards on demand: at a scrape, or for a table.</summary>
/// <remarks>
/// <para>
/// May be called from any thread, also while a <see cref="DeviceMonitor"/> or a <see cref="NodeReader"/> reads the same host, of
/// which it shares nothing. Calls at the same time take turns. It blocks for up to the device timeout: not for a monitor's loop,
/// nor for a thread that must go on.
/// </para>
/// <para>
/// Each card is read on a thread of its own, and all at once. A read that hangs in the kernel costs its own card the timeout once;
/// until the kernel answers, that card fails at once and is not read again.
/// </para>
/// <para>
/// The files of a card stay open. They are opened anew after an error, when the path leads to another file, and when the
/// description of the card changed.
/// </para>
/// </remarks>
public sealed class SensorReader : IDisposable
{
    private readonly HostRoot _root;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _deviceTimeout;
    private readonly long _startedAt;
    private readonly Lock _lock = new();
    private readonly Dictionary<(NpuFamily Family, int Index), Card> _cards = [];
    private bool _isDisposed;

    /// <param name="root">The folder that is read as the host.</param>
    /// <param name="timeProvider">Tells when counters were read, and how long a card takes.</param>
    /// <param name="deviceTimeout">
    /// How long the reading of one card may take before it counts as hanging, and with that the longest that a call takes. More than
    /// zero; <see cref="DefaultDeviceTimeout"/> is meant for most.
    /// </param>
    public SensorReader(HostRoot root, TimeProvider timeProvider, TimeSpan deviceTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deviceTimeout, TimeSpan.Zero);
        _root = root;
        _timeProvider = timeProvider;
        _deviceTimeout = deviceTimeout;
        _startedAt = timeProvider.GetTimestamp();
    }

    /// <summary>1 second.</summary>
    public static TimeSpan DefaultDeviceTimeout { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Reads the sensors of each of these cards. Nothing is kept of cards that are not among them.</summary>
    /// <param name="devices">All cards of interest, each once: those of the newest <see cref="NodeSnapshot"/>.</param>
    /// <returns>One for each, in the same order.</returns>
    public IReadOnlyList<SensorReadings> Read(IReadOnlyList<NpuDevice> devices) => Read(devices, countersOnly: false);

    /// <summary>
    /// Reads the performance counters alone of each of these cards, for who samples them often; the other sensors are absent in the
    /// result. Otherwise as <see cref="Read(IReadOnlyList{NpuDevice})"/>.
    /// </summary>
    /// <param name="devices">All cards of interest, each once.</param>
    /// <returns>One for each, in the same order.</returns>
    public IReadOnlyList<SensorReadings> ReadCounters(IReadOnlyList<NpuDevice> devices) => Read(devices, countersOnly: true);

    /// <summary>Closes the files and ends the threads; one that hangs in the kernel ends when the kernel answers.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            ForgetAllBut([]);
        }
    }

    private SensorReadings[] Read(IReadOnlyList<NpuDevice> devices, bool countersOnly)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ForgetAllBut(devices);
            Request[] requests = [.. devices.Select(device => new Request(device, countersOnly))];
            var readings = new SensorReadings[requests.Length];
            var reading = new List<(int Index, Card Card)>(requests.Length);
            var startedAt = _timeProvider.GetTimestamp();
            for (var index = 0; index < requests.Length; index++)
            {
                var card = CardOf(devices[index]);
                if (card.Thread.IsHanging)
                {
                    readings[index] = NoAnswer(devices[index], card);
                    continue;
                }

                card.Thread.Start(requests, readings, index, index + 1);
                reading.Add((index, card));
            }

            foreach (var (index, card) in reading)
            {
                var left = _deviceTimeout - _timeProvider.GetElapsedTime(startedAt);
                if (card.Thread.Wait(left > TimeSpan.Zero ? left : TimeSpan.Zero) == index)
                    readings[index] = NoAnswer(devices[index], card);
            }

            return readings;
        }
    }

    private Card CardOf(NpuDevice device)
    {
        if (!_cards.TryGetValue((device.Family, device.Index), out var card))
        {
            card = new Card(_root, device, () => _timeProvider.GetElapsedTime(_startedAt));
            _cards.Add((device.Family, device.Index), card);
        }

        return card;
    }

    /// <summary>One that hangs is kept until it answers: should its card come back, it must not cost a second thread.</summary>
    private void ForgetAllBut(IReadOnlyList<NpuDevice> devices)
    {
        foreach (var (key, card) in _cards)
        {
            if (devices.Any(device => (device.Family, device.Index) == key) || (card.Thread.IsHanging && !_isDisposed))
                continue;

            card.Dispose();
            _cards.Remove(key);
        }
    }

    private SensorReadings NoAnswer(NpuDevice device, Card card)
    {
        var reason = $"no answer within {_deviceTimeout.TotalSeconds:0.###} s";
        return new SensorReadings
        {
            Device = device,
            Failure = $"{card.Path} cannot be read: {reason}",
            Problems = [new ReadProblem(card.Path, ReadProblemKind.Unreadable, $"cannot be read: {reason}")],
        };
    }

    private sealed record Request(NpuDevice Device, bool CountersOnly);

    /// <summary>A card and its thread, on which alone its files are used.</summary>
    private sealed class Card : IDisposable
    {
        private readonly HostRoot _root;
        private readonly Func<TimeSpan> _clock;
        private volatile CardSensors _sensors;

        public Card(HostRoot root, NpuDevice device, Func<TimeSpan> clock)
        {
            _root = root;
            _clock = clock;
            _sensors = new CardSensors(root, device, clock);
            Thread = new ReadingThread<Request, SensorReadings>("sensor reader", Read, () => _sensors.Dispose());
        }

        public ReadingThread<Request, SensorReadings> Thread { get; }

        /// <summary>What is read, or was read last.</summary>
        public string Path => _sensors.Path;

        /// <summary>Ends the thread, whose last act is to close the files.</summary>
        public void Dispose() => Thread.End();

        private SensorReadings Read(Request request)
        {
            if (_sensors.Device != request.Device)
            {
                _sensors.Dispose();
                _sensors = new CardSensors(_root, request.Device, _clock);
            }

            return request.CountersOnly ? _sensors.ReadCounters() : _sensors.Read();
        }
    }
}
