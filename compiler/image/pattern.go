package image

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// maxPattern is the length of a repository's path (distribution/reference); positions in a pattern fit a byte.
const maxPattern = 255

// anyHost is the host of the pattern that matches every image.
const anyHost = "*"

// Pattern says which repositories a policy lets images come from. It is written as
//
//	registry.example.com/payments/api    this repository, with every tag and digest
//	registry.example.com/payments/*      every repository below payments/, however deep
//	registry.example.com/pay*            every repository whose path begins with pay, however deep
//	registry.example.com/*/api           an inner * stays within its segment
//	*.example.com/base                   any host that ends in .example.com, with one label or more in front
//	*                                    every image
//
// A last * matches the rest of the path, slashes included, and ** says the same; ** stands nowhere else. The host is
// always written, so that "redis" and "docker.io/library/redis" cannot mean two things, and ends at the first slash: no
// pattern for registry.example.com matches registry.example.com.evil.org. The zero value matches nothing, contains
// nothing and is contained in nothing.
type Pattern struct {
	host string // a literal; "*." and a literal; or anyHost
	path glob
}

// ParsePattern reads a pattern. It refuses tags, digests, upper case, wildcards that could leave the host, and a
// pattern that no valid reference can match.
func ParsePattern(s string) (Pattern, error) {
	p, err := parsePattern(s)
	if err != nil {
		return Pattern{}, fmt.Errorf("image pattern %q: %w", s, err)
	}
	return p, nil
}

func parsePattern(s string) (Pattern, error) {
	switch {
	case s == "":
		return Pattern{}, errors.New("is empty: write a registry and a path, such as registry.example.com/team/*")
	case len(s) > maxReference:
		return Pattern{}, fmt.Errorf("has %d bytes: at most %d are read", len(s), maxReference)
	case s == "*" || s == "**":
		return Pattern{host: anyHost, path: "*"}, nil
	}
	host, path, found := strings.Cut(s, "/")
	if !found {
		return Pattern{}, errors.New("has no path: write the registry, a slash, and a repository or *, such as docker.io/library/redis")
	}
	host, err := parseHost(host)
	if err != nil {
		return Pattern{}, err
	}
	glob, err := parsePath(host, path)
	if err != nil {
		return Pattern{}, err
	}
	p := Pattern{host: host, path: glob}
	if p.empty() {
		return Pattern{}, errors.New("matches no valid image reference: segments begin and end with a letter or digit, " +
			"and are separated within by one of . _ __ or dashes")
	}
	return p, nil
}

// parseHost returns the normal form of a pattern's host.
func parseHost(host string) (string, error) {
	literal := strings.TrimPrefix(host, "*.")
	switch {
	case host != strings.ToLower(host):
		return "", errors.New("write the registry's host in lower case")
	case strings.Contains(literal, "*"):
		return "", errors.New("in the host, * stands only in front of a whole suffix, such as *.example.com: " +
			"elsewhere it would let in hosts of others")
	case literal != host && !strings.Contains(literal, "."):
		return "", errors.New("write at least two labels after *., such as *.example.com: a whole top-level domain is nobody's")
	case !strings.ContainsAny(literal, ".:") && literal != "localhost":
		return "", fmt.Errorf("begins with %q, which is no host: write the registry too, such as docker.io/library/redis", host)
	case numeric.MatchString(host) && !address4.MatchString(host):
		return "", errors.New("write the registry's IPv4 address as four numbers without leading zeros")
	}
	// The reference grammar says what a host is, and that index.docker.io is docker.io.
	named, err := reference.ParseNormalizedNamed(literal + "/a/b")
	if err != nil || reference.Path(named) != "a/b" {
		return "", fmt.Errorf("%q is no host of a registry", literal)
	}
	if literal != host {
		return host, nil
	}
	return reference.Domain(named), nil
}

// parsePath returns the normal form of a pattern's path below host.
func parsePath(host, path string) (glob, error) {
	if path == "" {
		return "", errors.New("ends in a slash: write a repository, or * for all of them")
	}
	if strings.HasSuffix(path, "**") {
		path = strings.TrimSuffix(path, "*")
	}
	if strings.Contains(path, "**") {
		return "", errors.New("** stands only at the end")
	}
	for i, r := range path {
		switch {
		case strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-/*", r):
		case r == ':' || r == '@':
			return "", errors.New("names a tag or digest: a pattern names repositories (image.digest asks for digests)")
		case r >= 'A' && r <= 'Z':
			return "", errors.New("write repositories in lower case")
		default:
			return "", fmt.Errorf("has %q at byte %d of its path: repositories have letters, digits and . _ - /", r, i)
		}
	}
	if host == dockerHub && !strings.Contains(path, "/") && path != "*" {
		if strings.Contains(path, "*") {
			return "", fmt.Errorf("on docker.io, write docker.io/library/%s for official images, or docker.io/<account>/*", path)
		}
		path = "library/" + path // as the reference docker.io/redis is read
	}
	if len(path) > maxPattern {
		return "", fmt.Errorf("has a path of %d bytes: a repository has at most %d", len(path), maxPattern)
	}
	return glob(path), nil
}

// String writes the pattern in its normal form, which ParsePattern reads back as the same pattern.
func (p Pattern) String() string {
	if p.host == anyHost {
		return "*"
	}
	return p.host + "/" + string(p.path)
}

// Matches reports whether the reference's repository is one of the pattern's. Tag and digest play no part.
func (p Pattern) Matches(ref Reference) bool {
	if p.host == "" || ref.Host == "" || ref.Path == "" {
		return false
	}
	return hostContains(p.host, ref.Host) && p.path.matches(ref.Path)
}

// Contains reports whether p matches every reference that q matches. It is exact for references as the grammar has
// them (so docker.io/*/* contains docker.io/*: every repository there has an account), the length limit of names apart.
func (p Pattern) Contains(q Pattern) bool {
	if p.host == "" || q.host == "" {
		return false
	}
	return hostContains(p.host, q.host) && globContains(p.path, q.path, minSegments(q.host))
}

func (p Pattern) empty() bool { return globContains("", p.path, minSegments(p.host)) }

// minSegments is the least number of segments of a repository's path: on docker.io an account or "library" comes first.
func minSegments(host string) int {
	if host == dockerHub {
		return 2
	}
	return 1
}

// hostContains reports whether every host of b, a literal or a pattern, is one of a.
func hostContains(a, b string) bool {
	if a == anyHost || a == b {
		return true
	}
	suffix, wild := strings.CutPrefix(a, "*")
	return wild && strings.HasSuffix(b, suffix) && len(b) > len(suffix)
}

// Expression is a regular expression (RE2) of the names (Reference.Name) of the repositories that the pattern matches: a
// last star takes all that follows, one within the path stays in its segment, and one in front of a host takes labels.
func (p Pattern) Expression() string {
	if p.host == anyHost {
		return "^"
	}
	host := regexp.QuoteMeta(p.host)
	if suffix, wild := strings.CutPrefix(p.host, "*"); wild {
		host = "[^/]+" + regexp.QuoteMeta(suffix)
	}
	return "^" + host + "/" + p.path.expression() + "$"
}

// Matches reports whether one of some patterns matches an image. What is no pattern
// matches nothing, and what is no reference is matched by nothing.
func Matches(patterns []string, name string) bool {
	ref, err := ParseReference(name)
	return err == nil && slices.ContainsFunc(patterns, func(key string) bool {
		p, err := ParsePattern(key)
		return err == nil && p.Matches(ref)
	})
}
