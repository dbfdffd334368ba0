package control

import "slices"

// Volumes is the ID of the control in this file.
const Volumes ID = "filesystem.volumes"

var volumes = &Control{
	ID:       Volumes,
	Title:    "Pods may mount only volumes of the listed types",
	Reason:   "Some types run code or use the network on behalf of the node (gitRepo, CVE-2024-10220; flexVolume).",
	Mappings: []string{"PSS restricted: restrictedVolumes"},
	Order:    AllowSet, Type: Set, Scope: OfPod, Element: volumeElement, Loosest: only("*"),
	InManifest: true, Immutable: true,
	Advice: "What is the volume for? Use a type among VALUE.",
	encode: inSet,
	Example: Example{Bad: elements(func(kind string) Patch {
		return inSpec(Patch{"volumes": []any{Patch{"name": "example", kind: Patch{}}}})
	}, slices.Concat([]string{"nfs", "iscsi", "fc"}, volumeElement.Names()[1:], []string{"example"})...)},
}

var volumeElement = oneOf("volume type", "*",
	"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "configMap", "csi", "downwardAPI",
	"emptyDir", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs",
	"hostPath", "image", "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume",
	"projected", "quobyte", "rbd", "scaleIO", "secret", "storageos", "vsphereVolume")
