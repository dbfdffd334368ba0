//go:build !linux

package target

func exchange(fresh, dir string) error { return swap(fresh, dir) }
