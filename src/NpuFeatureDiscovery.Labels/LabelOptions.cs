namespace NpuFeatureDiscovery.Labels;

/// <summary>Which labels are made.</summary>
public sealed class LabelOptions
{
    /// <summary>The label generations, of <see cref="LabelProfiles"/>.</summary>
    /// <value>At least one; one that is named twice counts once. Default: <c>beta</c>.</value>
    public IList<string> Profiles { get; set; } = [LabelProfiles.Beta];

    /// <summary>
    /// What <c>npu.hwtype</c> of the profile <c>alpha</c> says of a chip. Drivers do not tell it, other than that a card is
    /// the U250 FPGA, which is always <c>u250</c>.
    /// </summary>
    /// <value>
    /// 1 to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, such as <c>haps</c>. Default:
    /// <see langword="null"/>, no hardware type for a chip.
    /// </value>
    public string? HardwareType { get; set; }

    /// <summary>
    /// Whether the profile <c>current</c> gives each version under two keys: the README of FuriosaAI's feature discovery
    /// names others than that program writes.
    /// </summary>
    /// <value>
    /// <see langword="true"/>: <c>furiosa.ai/npu.driver.version</c> and <c>furiosa.ai/npu.firmware.version</c>, and what
    /// extends them, beside the keys without <c>npu.</c>. Default: <see langword="false"/>, the latter alone.
    /// </value>
    public bool ReadmeAliases { get; set; }

    /// <summary>What a node without an NPU publishes.</summary>
    /// <value>
    /// Default: <see cref="NoDevicePolicy.Count"/>, <c>npu.count=0</c> and the labels of the machine.
    /// <see cref="NoDevicePolicy.Remove"/>: no label, and no feature file.
    /// </value>
    public NoDevicePolicy NoDevice { get; set; }

    /// <summary>Labels of your own, published beside those that are found; on an equal key they win.</summary>
    /// <value>Default: none.</value>
    public IList<Label> StaticLabels { get; set; } = [];

    /// <summary>
    /// How long the hosted service may wait, by chance, before it publishes for the first time, so that many agents that start
    /// together do not ask an API server at once.
    /// </summary>
    /// <value>Default: zero, it does not wait.</value>
    public TimeSpan MaxStartDelay { get; set; }

    /// <summary>Says what a <see cref="HardwareType"/> may be; <see langword="null"/> where this text is one.</summary>
    public static string? HardwareTypeError(string text) => text.Length > 0 && Label.TryCreate("npu.hwtype", text, out _, out _)
        ? null
        : $"allowed are 1 to {Label.MaxLength} letters, digits, '-', '_' and '.', with a letter or digit at both ends.";
}
