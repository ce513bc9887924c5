namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>The CustomResourceDefinition of NodeFeature objects, with the fields that NFD documents.</summary>
internal static class NodeFeatureDefinition
{
    public const string Name = "nodefeatures.nfd.k8s-sigs.io";

    public const string Json = """
        {
          "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
          "metadata": { "name": "nodefeatures.nfd.k8s-sigs.io" },
          "spec": {
            "group": "nfd.k8s-sigs.io", "scope": "Namespaced",
            "names": { "kind": "NodeFeature", "listKind": "NodeFeatureList", "plural": "nodefeatures", "singular": "nodefeature" },
            "versions": [{
              "name": "v1alpha1", "served": true, "storage": true,
              "schema": { "openAPIV3Schema": {
                "type": "object", "required": ["spec"],
                "properties": {
                  "apiVersion": { "type": "string" }, "kind": { "type": "string" }, "metadata": { "type": "object" },
                  "spec": { "type": "object", "properties": {
                    "labels": { "type": "object", "additionalProperties": { "type": "string" } },
                    "features": { "type": "object", "properties": {
                      "flags": { "type": "object", "additionalProperties": { "type": "object", "required": ["elements"],
                        "properties": { "elements": { "type": "object", "additionalProperties": { "type": "object" } } } } },
                      "attributes": { "type": "object", "additionalProperties": { "type": "object", "required": ["elements"],
                        "properties": { "elements": { "type": "object", "additionalProperties": { "type": "string" } } } } },
                      "instances": { "type": "object", "additionalProperties": { "type": "object", "required": ["elements"],
                        "properties": { "elements": { "type": "array", "items": { "type": "object", "required": ["attributes"],
                          "properties": { "attributes": { "type": "object", "additionalProperties": { "type": "string" } } } } } } } }
                    } }
                  } }
                }
              } }
            }]
          }
        }
        """;
}
