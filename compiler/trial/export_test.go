package trial

// Passed reports whether every test passed and nothing stated is inert.
func (r *Report) Passed() bool {
	for _, t := range r.Tests {
		if !t.Passed() {
			return false
		}
	}
	return len(r.Inert) == 0
}

// Counts gives the numbers of passed and failed tests.
func (r *Report) Counts() (passed, failed int) {
	for _, t := range r.Tests {
		if t.Passed() {
			passed++
		} else {
			failed++
		}
	}
	return passed, failed
}
