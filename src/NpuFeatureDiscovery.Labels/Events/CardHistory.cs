using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>
/// Decides from reading to reading which cards have died, gone or come back: it believes a change only when it lasts, so that a card
/// that blinks is no news. Not for use by several threads at once.
/// </summary>
internal sealed class CardHistory
{
    /// <summary>As slowly as the device plugin changes its mind.</summary>
    public const int ReadingsToBad = 2;

    public const int ReadingsToHealthy = 3;

    private readonly Dictionary<(NpuFamily, int), Card> _cards = [];

    private enum State
    {
        Healthy,
        Unhealthy,
        Removed,
    }

    /// <summary>Takes a reading into account.</summary>
    /// <returns>What is new.</returns>
    public IReadOnlyList<NodeEvent> Observe(NodeSnapshot node)
    {
        var news = new List<NodeEvent>();
        foreach (var card in _cards.Values)
            card.IsPresent = false;

        foreach (var device in node.Devices)
        {
            var key = (device.Family, device.Index);
            if (!_cards.TryGetValue(key, out var card))
                _cards.Add(key, card = new Card { Device = device });

            (card.Device, card.IsPresent) = (device, true);
            Observe(card, device.Health.State == HealthState.Healthy ? State.Healthy : State.Unhealthy, news);
        }

        foreach (var card in _cards.Values.Where(card => !card.IsPresent))
            Observe(card, State.Removed, news);

        return news;
    }

    private static void Observe(Card card, State state, List<NodeEvent> news)
    {
        card.Readings = state == card.Seen ? card.Readings + 1 : 1;
        card.Seen = state;
        if (state == card.Told || card.Readings < (state == State.Healthy ? ReadingsToHealthy : ReadingsToBad))
            return;

        news.Add(Tell(card.Device, state, card.Told));
        card.Told = state;
    }

    private static NodeEvent Tell(NpuDevice device, State state, State before)
    {
        var name = $"{device.Name} at {device.PciAddress}";
        return state switch
        {
            State.Healthy => new NodeEvent(
                false, NodeEventReasons.Healthy, before == State.Removed ? $"{name} is there again and works." : $"{name} works again."),
            State.Removed => new NodeEvent(true, NodeEventReasons.Removed, $"{name} is no longer there."),
            _ => new NodeEvent(true, NodeEventReasons.Unhealthy, device.Health.State == HealthState.Unknown
                ? $"Whether {name} works is not known: {device.Health.Reason}."
                : $"{name} does not work: {device.Health.Reason}."),
        };
    }

    private sealed class Card
    {
        public required NpuDevice Device { get; set; }

        public bool IsPresent { get; set; }

        /// <summary>What was told; a card that is new is expected to work.</summary>
        public State Told { get; set; }

        public State Seen { get; set; }

        /// <summary>How many readings in a row said <see cref="Seen"/>.</summary>
        public int Readings { get; set; }
    }
}
