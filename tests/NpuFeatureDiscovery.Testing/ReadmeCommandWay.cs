namespace NpuFeatureDiscovery.Testing;

/// <summary>How a test runs a command of the READMEs.</summary>
public enum ReadmeCommandWay
{
    /// <summary>No test runs it, which no command may be.</summary>
    None,

    /// <summary>As it stands, on a sample node.</summary>
    Sample,

    /// <summary>By CI: it takes a clean clone's time.</summary>
    ByCI,

    /// <summary>The program alone, on a sample node.</summary>
    Program,

    /// <summary>What it runs in the container, on a sample node.</summary>
    Container,

    /// <summary>Not at all, since there is no container engine here: what it names is looked for.</summary>
    Image,

    /// <summary>By rendering the chart.</summary>
    Chart,

    /// <summary>As far as the API server, where there is no release to take away.</summary>
    Unreleased,

    /// <summary>By rendering the overlay, and as a dry run at an API server.</summary>
    Overlay,

    /// <summary>By comparing the objects with their schemas, and as a dry run at an API server.</summary>
    Objects,

    /// <summary>At an API server.</summary>
    Question,

    /// <summary>As a dry run at an API server.</summary>
    Change,
}
