package profile

// KnownAbstractions are the names of the files that are known, and the rules of theirs that are stated here, for the test that reads the files.
func KnownAbstractions() map[string]string {
	out := map[string]string{}
	for name := range abstractions {
		out[name] = abstractions[name].rules
	}
	return out
}

// ReadsOthers says whether a file holds rules, about other things than files, which are not stated here.
func ReadsOthers(name string) bool { return abstractions[name].other == classEvery }

// Instructions counts what the patterns of a profile's file rules compile to. A path of n bytes is matched in at most n times as many steps.
func Instructions(p *Profile) int {
	n := 0
	for _, r := range p.files {
		for _, g := range r.globs {
			n += len(g.program)
		}
	}
	return n
}

// Profile finds a profile by its name, a nested one as "parent//child"; nil if there is none.
func (f *File) Profile(name string) *Profile { return find(f.Profiles, name) }

func find(profiles []*Profile, name string) *Profile {
	for _, p := range profiles {
		if p.Name == name {
			return p
		}
		if q := find(p.Children, name); q != nil {
			return q
		}
	}
	return nil
}
