package input

import (
	"fmt"
	"strings"
)

// NodeConfigurationClass is the configuration of a kubelet, and so of the nodes on which it runs.
const NodeConfigurationClass Class = "node configuration"

const kubeletGroup = "kubelet.config.k8s.io"

// kubeletConfiguration is what a kubelet reads with --config. It is no object of an API server, and has no metadata.
var kubeletConfiguration = objectKind{
	class:   NodeConfigurationClass,
	claims:  func(o Object) bool { return o.isKind(kubeletGroup, "KubeletConfiguration") },
	examine: examineKubelet,
}

// examineKubelet refuses versions whose fields are not known. Kubernetes has the kind in v1beta1 only: its v1 of the group
// has other kinds (k8s.io/kubelet/config/v1).
func examineKubelet(o Object) (Class, string) {
	if v := versionOf(o.APIVersion); v != "" && v != "v1beta1" {
		return UnsupportedClass, fmt.Sprintf("%s; only the version v1beta1 of %s is read", o.NoControl(), kubeletGroup)
	}
	return NodeConfigurationClass, ""
}

// versionOf is the version that an apiVersion names: v1 of apps/v1.
func versionOf(apiVersion string) string {
	return apiVersion[strings.LastIndexByte(apiVersion, '/')+1:]
}
