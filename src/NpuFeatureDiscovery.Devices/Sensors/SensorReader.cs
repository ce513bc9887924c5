namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>Reads the sensors of cards on demand: at a scrape, or for a table.</summary>
/// <remarks>
/// <para>
/// May be called from any thread, also while a <see cref="DeviceMonitor"/> or a <see cref="NodeReader"/> reads the same host, of
/// which it shares nothing. Calls at the same time take turns, and take up to the device timeout each.
/// </para>
/// <para>
/// A thread reads one card after the other. Where that takes longer than 20 ms, each card that still waits is read on a thread of
/// its own, and the next call begins with so many threads that it should not. A read that hangs in the kernel costs its own card the
/// timeout once; until the kernel answers, that card fails at once and is not read again.
/// </para>
/// <para>
/// The files of a card stay open. They are opened anew after an error, when the path leads to another file, and when the
/// description of the card changed.
/// </para>
/// </remarks>
public sealed class SensorReader : IDisposable
{
    /// <summary>How long all cards may take one after the other; beyond it, more threads are worth their price.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>A process that was stopped for a while finds its deadline over before its threads could go on.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    private readonly HostRoot _root;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _deviceTimeout;
    private readonly long _startedAt;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SensorThreads _threads = new();
    private readonly Dictionary<(NpuFamily Family, int Index), SensorCard> _cards = [];
    private readonly TimeSpan _patience;
    private int _threadCount = 1;
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
        _patience = deviceTimeout < Patience ? deviceTimeout : Patience;
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
    /// Reads the sensors of each of these cards without blocking the caller. Nothing is kept of cards that are not among them.
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
        _threads.Dispose();
        _turn.Release();
    }

    private SensorReadings[] Read(IReadOnlyList<NpuDevice> devices, CardPart part)
    {
        _turn.Wait();
        try
        {
            var scan = Begin(devices, part, runContinuationsAsynchronously: true);
            try
            {
                if (!scan.Answered.Wait(_patience))
                {
                    Hurry(scan);
                    _ = scan.Answered.Wait(_deviceTimeout - _patience) || scan.Answered.Wait(Grace);
                }
            }
            finally
            {
                scan.Close();
            }

            return End(scan);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IReadOnlyList<SensorReadings>> ReadAsync(
        IReadOnlyList<NpuDevice> devices, CardPart part, bool runContinuationsAsynchronously)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var scan = Begin(devices, part, runContinuationsAsynchronously);
            try
            {
                if (!await IsAnsweredAsync(scan, _patience).ConfigureAwait(false))
                {
                    Hurry(scan);
                    _ = await IsAnsweredAsync(scan, _deviceTimeout - _patience).ConfigureAwait(false)
                        || await IsAnsweredAsync(scan, Grace).ConfigureAwait(false);
                }
            }
            finally
            {
                scan.Close();
            }

            return End(scan);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static async Task<bool> IsAnsweredAsync(SensorScan scan, TimeSpan time)
    {
        // The machine's time: whatever the clock of the readings says, it is the kernel that hangs.
        await scan.Answered.WaitAsync(time, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return scan.Answered.IsCompleted;
    }

    private SensorScan Begin(IReadOnlyList<NpuDevice> devices, CardPart part, bool runContinuationsAsynchronously)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var cards = new SensorCard[devices.Count];
        for (var index = 0; index < cards.Length; index++)
            cards[index] = CardOf(devices[index]);

        ForgetAllBut(cards);
        var scan = new SensorScan(cards, devices, part, runContinuationsAsynchronously);
        _threads.Read(scan, Math.Min(_threadCount, scan.Waiting));
        return scan;
    }

    /// <summary>A card is slow, or hangs: the others shall not wait for it.</summary>
    private void Hurry(SensorScan scan) => _threads.Read(scan, scan.Waiting);

    private SensorReadings[] End(SensorScan scan)
    {
        _threadCount = (int)Math.Clamp(Math.Ceiling(scan.Took / Patience), 1, Math.Max(scan.Count, 1));
        _threads.Keep(_threadCount);
        return scan.Readings(_deviceTimeout);
    }

    private SensorCard CardOf(NpuDevice device)
    {
        if (!_cards.TryGetValue((device.Family, device.Index), out var card))
        {
            card = new SensorCard(_root, device, () => _timeProvider.GetElapsedTime(_startedAt));
            _cards.Add((device.Family, device.Index), card);
        }

        return card;
    }

    /// <summary>One that hangs is kept until it answers: should its card come back, it must not cost a second thread.</summary>
    private void ForgetAllBut(SensorCard[] cards)
    {
        foreach (var (key, card) in _cards)
        {
            if (card.IsHanging || Array.IndexOf(cards, card) >= 0)
                continue;

            card.Dispose();
            _cards.Remove(key);
        }
    }
}
