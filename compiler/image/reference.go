// Package image reads container image references and the registry patterns that policies write for them.
//
// A reference is what a pod spec's image field holds ("nginx", "registry.example.com/payments/api:1.4"). A pattern is what
// image.registries holds ("registry.example.com/payments/*"); it names repositories, never tags or digests. Whether one pattern
// contains another is decided exactly, because the tighten-only rule of policies rests on it.
package image

import (
	_ "crypto/sha256" // the algorithms of digests: they are known by what is linked into the program
	_ "crypto/sha512"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/distribution/reference"
)

const (
	dockerHub = "docker.io"
	// maxReference bounds what is parsed: a host of 253 bytes, a repository of 255, a tag of 128 and a digest fit.
	maxReference = 1024
)

// Reference is an image reference in its normal form. Host and Path are always set ("nginx" is docker.io and library/nginx);
// Tag and Digest only where the reference wrote them. The zero value is no reference and is matched by no pattern.
type Reference struct {
	// Host is the registry with its port, in lower case: "docker.io", "registry.example.com:5000".
	Host string
	// Path is the repository below the host: "library/nginx".
	Path string
	// Tag is the tag as written, without the colon; empty where none was written, although a runtime then pulls "latest".
	Tag string
	// Digest is the digest as written, "sha256:...", or empty.
	Digest string
}

// Regular expressions (RE2) of hosts with their ports. A resolver of the C library takes a host whose last label is a number
// for an IPv4 address in one of several spellings (inet_aton); no domain ends so. Only one spelling is taken.
const (
	Numeric  = `^(?:.*[.])?(?:[0-9]+|0x[0-9a-f]*)(?::[0-9]+)?$`
	Address4 = `^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:[.]|:[0-9]+$|$)){4}$`
)

var numeric, address4 = regexp.MustCompile(Numeric), regexp.MustCompile(Address4)

// ParseReference reads an image reference with the grammar and the normalisation that container runtimes use
// (github.com/distribution/reference). A host in upper case is refused although that grammar takes it: names of hosts have no
// case, so that two spellings would be one registry and only one of them would match a pattern.
func ParseReference(s string) (Reference, error) {
	if s == "" {
		return Reference{}, errors.New("image reference is empty: name an image, such as registry.example.com/team/app:1.0")
	}
	if len(s) > maxReference {
		return Reference{}, fmt.Errorf("image reference has %d bytes: at most %d are read", len(s), maxReference)
	}
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return Reference{}, fmt.Errorf("image reference %q: %w", s, err)
	}
	ref := Reference{Host: reference.Domain(named), Path: reference.Path(named)}
	switch {
	case ref.Host == "": // the grammar takes my_host.example/app for a path without a host
		return Reference{}, fmt.Errorf("image reference %q: what is in front of the first slash is no host of a registry", s)
	case ref.Host != strings.ToLower(ref.Host):
		return Reference{}, fmt.Errorf("image reference %q: write the registry's host in lower case", s)
	case numeric.MatchString(ref.Host) && !address4.MatchString(ref.Host):
		return Reference{}, fmt.Errorf("image reference %q: write the registry's IPv4 address as four numbers without leading zeros", s)
	}
	if tagged, ok := named.(reference.Tagged); ok {
		ref.Tag = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		ref.Digest = digested.Digest().String()
	}
	return ref, nil
}

// Name is the repository with its host: "docker.io/library/nginx".
func (r Reference) Name() string { return r.Host + "/" + r.Path }
