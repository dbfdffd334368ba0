package platform

import "github.com/Masterminds/semver/v3"

// Version defines a fact that is the version of a program, such as "3.0".
func Version(name, doc, example string) *Fact[string] {
	return &Fact[string]{Name: name, Doc: doc, Read: func(r Reader) (string, bool) {
		v, ok := r.Text()
		if !ok {
			return "", false
		}
		if _, err := semver.NewVersion(v.Key); err != nil {
			r.Error(v.Range, "Not a version", "%s is a version such as %q; %q is not.", name, example, v.Key)
		}
		return v.Key, true
	}}
}
