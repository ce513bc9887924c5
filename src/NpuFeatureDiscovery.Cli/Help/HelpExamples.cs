using NpuFeatureDiscovery.Cli.Commands;

namespace NpuFeatureDiscovery.Cli.Help;

/// <summary>What the help of each command shows of its use.</summary>
internal static class HelpExamples
{
    /// <summary>Examples by the name of the command; those of the program itself have its own.</summary>
    public static IReadOnlyDictionary<string, HelpExample[]> All { get; } = new Dictionary<string, HelpExample[]>
    {
        [ProgramName.Own] =
        [
            new("npu-feature-discovery --oneshot --output -", "Print the labels of this machine."),
            new("npu-feature-discovery devices", "List its NPUs."),
        ],
        [LabelCommand.Name] =
        [
            new("npu-feature-discovery label --oneshot --output -", "Print the labels, and publish nothing."),
            new("npu-feature-discovery label --dry-run", "Tell how the published labels would change."),
            new("npu-feature-discovery label --output node --node-name node-1",
                "Keep the labels of a Node up to date without NFD."),
            new("npu-feature-discovery label --profile beta,current --label example.com/rack=7",
                "Two generations of labels, and one of your own."),
            new("npu-feature-discovery label --cleanup", "Take away what was published."),
        ],
        [DevicePluginCommand.Name] =
        [
            new("npu-feature-discovery device-plugin", "Offer each card as beta.furiosa.ai/npu."),
            new("npu-feature-discovery device-plugin --default-pe Single --disabled-devices npu1,npu3",
                "Offer cores, but not those of two cards."),
            new("npu-feature-discovery device-plugin --config-file /etc/furiosa/config.yaml",
                "Take the settings from a file."),
        ],
        [MetricsExporterCommand.Name] =
        [
            new("npu-feature-discovery metrics-exporter", "Serve /metrics at port 6254."),
            new("npu-feature-discovery metrics-exporter --profile sdk,base-units --pod-labels",
                "Two generations of names, with the Pods that hold the cards."),
            new("npu-feature-discovery metrics-exporter --address 127.0.0.1:6254 --pod-resources off",
                "For this machine alone, without Kubernetes."),
        ],
        [DevicesCommand.Name] =
        [
            new("npu-feature-discovery devices --output wide", "List the NPUs with versions and health."),
            new("npu-feature-discovery devices --allocations",
                "Tell which Pod holds which card or core, and what is free."),
            new("npu-feature-discovery devices --watch --output json", "A line of JSON whenever something has changed."),
            new("npu-feature-discovery devices --root /host --all", "In a container that has the host at /host."),
        ],
        [ValidateCommand.Name] =
        [
            new("npu-feature-discovery validate /etc/kubernetes/node-feature-discovery/features.d",
                "Say what NFD makes of the feature files of this node."),
            new("npu-feature-discovery validate - --nfd-version 0.12 --extra-label-ns beta.furiosa.ai",
                "The same of standard input and an older NFD."),
        ],
        [DoctorCommand.Name] =
        [
            new("npu-feature-discovery doctor", "Say what is wrong with this node's NPUs, why, and what to do."),
            new("npu-feature-discovery doctor --output json --strict", "The same for scripts; a warning is a failure, too."),
            new("npu-feature-discovery doctor --bundle npu.tar.gz", "Put what a report of a fault needs into one file."),
        ],
        [CompletionCommand.Name] =
        [
            new("source <(npu-feature-discovery completion bash)", "In ~/.bashrc: complete by Tab."),
            new("source <(npu-feature-discovery completion zsh)", "In ~/.zshrc, after compinit."),
        ],
    };
}
