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
