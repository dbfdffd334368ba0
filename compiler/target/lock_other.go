//go:build !unix

package target

func lock(string) (release func(), err error) { return nil, errNoLocks }
