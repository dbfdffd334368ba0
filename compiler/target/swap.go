package target

import (
	"errors"
	"io/fs"
	"os"
)

// swap puts the fresh folder in the place of the old one in two steps. Where the
// second fails the first is undone.
func swap(fresh, dir string) error {
	old := fresh + ".old"
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}
