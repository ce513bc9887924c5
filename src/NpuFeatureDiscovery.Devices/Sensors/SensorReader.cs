using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>Reads the sensors of cards on demand: at a scrape, or for a table.</summary>
/// <remarks>
/// <para>
/// May be called from any thread, also while a <see cref="DeviceMonitor"/> or a <see cref="NodeReader"/> reads the same host, of
/// which it shares nothing. Calls at the same time take turns, and take up to the device timeout each.
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
    private readonly SemaphoreSlim _turn = new(1);
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

    /// <summary>
    /// Reads the sensors of each of these cards, and blocks for so long. Nothing is kept of cards that are not among them.
    /// </summary>
    /// <param name="devices">All cards of interest, each once: those of the newest <see cref="NodeSnapshot"/>.</param>
    /// <returns>One for each, in the same order.</returns>
    public IReadOnlyList<SensorReadings> Read(IReadOnlyList<NpuDevice> devices) => Read(devices, CardPart.All);

    /// <summary>
    /// Reads the sensors of each of these cards without blocking a thread, but for a tenth of a second the first time that a card
    /// hangs. Nothing is kept of cards that are not among them.
    /// </summary>
    /// <param name="devices">All cards of interest, each once: those of the newest <see cref="NodeSnapshot"/>.</param>
    /// <returns>One for each, in the same order.</returns>
    public Task<IReadOnlyList<SensorReadings>> ReadAsync(IReadOnlyList<NpuDevice> devices) =>
        ReadAsync(devices, CardPart.All, runContinuationsAsynchronously: true);

    /// <summary>
    /// Reads the sensors of each of these cards, but for the performance counters, which tell nothing if they are read as seldom as
    /// the others. Otherwise as <see cref="ReadAsync(IReadOnlyList{NpuDevice})"/>.
    /// </summary>
    /// <param name="devices">All cards of interest, each once.</param>
    /// <param name="runContinuationsAsynchronously">
    /// Whether what awaits the readings goes on on a thread of the pool. If not, it may do so on that of the last card, sooner than
    /// threads are changed, and must not block there: the card would seem to hang.
    /// </param>
    /// <returns>One for each, in the same order.</returns>
    public Task<IReadOnlyList<SensorReadings>> ReadAllButCountersAsync(
        IReadOnlyList<NpuDevice> devices, bool runContinuationsAsynchronously = true) =>
        ReadAsync(devices, CardPart.AllButCounters, runContinuationsAsynchronously);

    /// <summary>
    /// Reads the performance counters alone of each of these cards, for who samples them often; the other sensors are absent in the
    /// result. Otherwise as <see cref="Read(IReadOnlyList{NpuDevice})"/>.
    /// </summary>
    /// <param name="devices">All cards of interest, each once.</param>
    /// <returns>One for each, in the same order.</returns>
    public IReadOnlyList<SensorReadings> ReadCounters(IReadOnlyList<NpuDevice> devices) => Read(devices, CardPart.Counters);

    /// <summary>Closes the files and ends the threads; one that hangs in the kernel ends when the kernel answers.</summary>
    public void Dispose()
    {
        _turn.Wait();
        _isDisposed = true;
        foreach (var card in _cards.Values)
            card.Dispose();

        _cards.Clear();
        _turn.Release();
    }

    private SensorReadings[] Read(IReadOnlyList<NpuDevice> devices, CardPart part)
    {
        _turn.Wait();
        try
        {
            return End(Begin(devices, part, runContinuationsAsynchronously: true));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IReadOnlyList<SensorReadings>> ReadAsync(
        IReadOnlyList<NpuDevice> devices, CardPart part, bool runContinuationsAsynchronously)
    {
        await _turn.WaitAsync();
        try
        {
            var scan = Begin(devices, part, runContinuationsAsynchronously);
            // The machine's time, as in what follows: whatever the clock of the readings says, it is the kernel that hangs.
            await scan.Answered.WaitAsync(_deviceTimeout, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return End(scan);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets the threads of the cards begin.</summary>
    private Scan Begin(IReadOnlyList<NpuDevice> devices, CardPart part, bool runContinuationsAsynchronously)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var scan = new Scan(devices, part, _timeProvider.GetTimestamp(), runContinuationsAsynchronously);
        for (var index = 0; index < devices.Count; index++)
        {
            var card = CardOf(devices[index]);
            card.LastScan = scan;
            if (card.Thread.IsHanging)
            {
                scan.Readings[index] = NoAnswer(devices[index], card);
                scan.NoteAnswer();
            }
            else
            {
                card.Thread.Start(scan.Requests, scan.Readings, index, index + 1);
            }
        }

        ForgetAllBut(scan);
        return scan;
    }

    /// <summary>Waits for those that have not answered.</summary>
    private SensorReadings[] End(Scan scan)
    {
        for (var index = 0; index < scan.Requests.Length; index++)
        {
            var device = scan.Requests[index].Device;
            var card = CardOf(device);
            var left = _deviceTimeout - _timeProvider.GetElapsedTime(scan.StartedAt);
            if (scan.Readings[index] is null && card.Thread.Wait(left > TimeSpan.Zero ? left : TimeSpan.Zero) == index)
                scan.Readings[index] = NoAnswer(device, card);
        }

        return scan.Readings;
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
    private void ForgetAllBut(Scan scan)
    {
        foreach (var (key, card) in _cards)
        {
            if (card.LastScan == scan || card.Thread.IsHanging)
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

    private enum CardPart
    {
        All,
        AllButCounters,
        Counters,
    }

    private sealed record Request(NpuDevice Device, CardPart Part, Scan Scan);

    /// <summary>One reading of all cards.</summary>
    private sealed class Scan
    {
        private readonly TaskCompletionSource _answered;
        private int _open;

        public Scan(IReadOnlyList<NpuDevice> devices, CardPart part, long startedAt, bool runContinuationsAsynchronously)
        {
            _answered = new TaskCompletionSource(
                runContinuationsAsynchronously ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None);
            Requests = new Request[devices.Count];
            for (var index = 0; index < Requests.Length; index++)
                Requests[index] = new Request(devices[index], part, this);

            Readings = new SensorReadings[devices.Count];
            StartedAt = startedAt;
            _open = devices.Count;
            if (_open == 0)
                _answered.SetResult();
        }

        public Request[] Requests { get; }

        public SensorReadings[] Readings { get; }

        public long StartedAt { get; }

        /// <summary>Done when each card has answered.</summary>
        public Task Answered => _answered.Task;

        public void NoteAnswer()
        {
            if (Interlocked.Decrement(ref _open) == 0)
                _answered.SetResult();
        }
    }

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
            Thread = new ReadingThread<Request, SensorReadings>(
                "sensor reader", Read, answered: request => request.Scan.NoteAnswer(), ended: () => _sensors.Dispose());
        }

        public ReadingThread<Request, SensorReadings> Thread { get; }

        public Scan? LastScan { get; set; }

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

            return request.Part == CardPart.Counters ? _sensors.ReadCounters() : _sensors.Read(withCounters: request.Part == CardPart.All);
        }
    }
}
