using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>
/// Adds labels to those of a node. Another program publishes labels of its own by registering one:
/// <c>services.AddSingleton&lt;ILabeller, Mine&gt;()</c>.
/// </summary>
public interface ILabeller
{
    /// <summary>
    /// Adds the labels of a node, each time that the host was read. What is not added again is no longer published, and an
    /// exception fails the whole pass, so that what was published last stays; add nothing where there is nothing to say.
    /// </summary>
    /// <param name="node">What was read from the host.</param>
    /// <param name="labels">
    /// Takes the labels; it holds those of the profiles and of earlier labellers already, and an equal key replaces theirs.
    /// Give keys a prefix of your own, such as <c>example.com/</c>: NFD versions complete a bare name differently.
    /// </param>
    void AddLabels(NodeSnapshot node, LabelSetBuilder labels);
}
