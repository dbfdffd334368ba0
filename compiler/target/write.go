package target

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is a file to be written.
type File struct {
	Path string // slash-separated, below the output folder
	Body []byte
}

// Files gives artifacts and the manifest that describes them, as they are to lie
// in an output folder.
func Files(artifacts []Artifact, m Manifest) ([]File, error) {
	body, err := m.Encode()
	if err != nil {
		return nil, err
	}
	out := []File{{ManifestName, body}}
	for _, a := range artifacts {
		out = append(out, File{a.Path, a.Body})
	}
	return out, nil
}

// Write replaces the output folder by the files, all or nothing: they are
// written beside it first, and then take its place. A folder that holds anything
// that its own manifest does not list is left alone.
func Write(dir string, files []File) error {
	dir = filepath.Clean(dir)
	if err := ours(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	sweep(dir)
	fresh, release, err := workFolder(dir)
	if err != nil {
		return err
	}
	defer release()
	defer os.RemoveAll(fresh) // by then the old folder, or what could not be finished
	if err := os.Chmod(fresh, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		if err := writeFile(filepath.Join(fresh, filepath.FromSlash(f.Path)), f.Body); err != nil {
			return err
		}
	}
	err = exchange(fresh, dir)
	if errors.Is(err, fs.ErrExist) { // since we looked, another has written there
		if err = ours(dir); err == nil {
			err = exchange(fresh, dir)
		}
	}
	return err
}

// temporary is how the names of folders begin that are beside an output folder while
// it is written.
func temporary(dir string) string { return "." + filepath.Base(dir) + ".tmp-" }

// workFolder makes such a folder, and holds a lock on it until it is released, so that
// nobody sweeps it away.
func workFolder(dir string) (name string, release func(), err error) {
	for range 100 {
		name, err = os.MkdirTemp(filepath.Dir(dir), temporary(dir))
		if err != nil {
			return "", nil, err
		}
		release, err = lock(name)
		switch {
		case errors.Is(err, errNoLocks):
			return name, func() {}, nil
		case err != nil:
			return "", nil, errors.Join(err, os.RemoveAll(name))
		case release == nil: // another one sweeps it away
			continue
		}
		if _, err := os.Lstat(name); err == nil {
			return name, release, nil
		}
		release()
	}
	return "", nil, fmt.Errorf("%s: whatever is made beside it is gone at once", dir)
}

// errNoLocks is that the file system has no locks, or the system none that are known
// here. Nothing is swept there.
var errNoLocks = errors.New("folders cannot be locked")

// sweep removes the work folders beside an output folder that compilers left which were
// killed: nobody holds their locks. What it cannot judge it leaves alone.
func sweep(dir string) {
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil {
		return
	}
	for _, e := range entries {
		number, found := strings.CutPrefix(e.Name(), temporary(dir))
		if !found || number == "" || strings.Trim(number, "0123456789") != "" || !e.IsDir() {
			continue
		}
		name := filepath.Join(filepath.Dir(dir), e.Name())
		release, err := lock(name)
		if err != nil || release == nil {
			continue
		}
		if ours(name) == nil {
			_ = os.RemoveAll(name)
		}
		release()
	}
}

func writeFile(name string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return errors.Join(err, f.Close())
}

// ours refuses a folder with files that Bulkhead did not write there.
func ours(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder: name another with -o", dir)
	}
	found, err := walk(dir)
	if err != nil || len(found) == 0 {
		return err
	}
	var known map[string]bool
	body, err := os.ReadFile(filepath.Join(dir, ManifestName))
	switch {
	case err == nil:
		var m listing
		// Other tools' files have this name too, a browser extension's for one.
		if err := json.Unmarshal(body, &m); err != nil || m.Bulkhead == "" {
			return fmt.Errorf("%s is not a manifest that Bulkhead wrote, so the folder may hold work of yours: move it away, or name another folder with -o", filepath.Join(dir, ManifestName))
		}
		known = map[string]bool{ManifestName: true}
		for _, a := range m.Artifacts {
			known[a.Path] = true
		}
	case !errors.Is(err, fs.ErrNotExist) && slices.Contains(found, ManifestName):
		return err
	}
	foreign := slices.DeleteFunc(found, func(name string) bool { return known[name] })
	if len(foreign) > 0 {
		return fmt.Errorf("%s holds files that Bulkhead did not write (%s), and would be replaced as a whole: move them away, or name another folder with -o", dir, list(foreign))
	}
	return nil
}

// listing is what manifests of all versions of Bulkhead have.
type listing struct {
	Bulkhead   string
	Policy     ManifestPolicy
	Namespaces []string
	Artifacts  []struct{ Path string }
}

// Overlap looks at what other policies were compiled into beside an output
// folder: two that hold one namespace would add up there, where each means to be
// the only one.
func Overlap(dir string, m Manifest) error {
	beside, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Clean(dir)), "*", ManifestName))
	if err != nil {
		return err
	}
	for _, name := range beside {
		other, err := readHead(name)
		if err != nil || other.Bulkhead == "" || other.Policy.Name == m.Policy.Name {
			continue
		}
		for _, ns := range m.Namespaces {
			if slices.Contains(other.Namespaces, ns) {
				return fmt.Errorf("the namespace %q is held by the policy %q already, compiled into %s: one policy holds a namespace", ns, other.Policy.Name, filepath.Dir(name))
			}
		}
	}
	return nil
}

// readHead reads of a manifest whose it is and which namespaces it holds, and the rest,
// which may be long, only where these are not what it begins with.
func readHead(name string) (listing, error) {
	f, err := os.Open(name)
	if err != nil {
		return listing{}, err
	}
	defer f.Close()
	var head listing
	wanted := map[string]any{"bulkhead": &head.Bulkhead, "policy": &head.Policy, "namespaces": &head.Namespaces}
	d := json.NewDecoder(f)
	_, err = d.Token()
	for err == nil && len(wanted) > 0 && d.More() {
		var key json.Token
		if key, err = d.Token(); err != nil {
			break
		}
		var into any = new(json.RawMessage)
		if name, ok := key.(string); ok && wanted[name] != nil {
			into = wanted[name]
			delete(wanted, name)
		}
		err = d.Decode(into)
	}
	return head, err
}

// walk lists a folder's files, slash-separated, folder by folder.
func walk(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		out = append(out, filepath.ToSlash(rel))
		return err
	})
	return out, err
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// Differences compares an output folder with what would be written, and says
// for each file that differs how.
func Differences(dir string, files []File) ([]string, error) {
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder: name another with -o", dir)
	}
	found, err := walk(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []string
	there, written := setOf(found), map[string]bool{}
	for _, f := range files {
		written[f.Path] = true
		if !there[f.Path] { // or a folder stands there, or a file where its folder should
			out = append(out, f.Path+": missing")
			continue
		}
		body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil {
			return nil, err
		}
		if string(body) != string(f.Body) {
			out = append(out, f.Path+": differs")
		}
	}
	for _, name := range found {
		if !written[name] {
			out = append(out, name+": would not be written")
		}
	}
	slices.SortFunc(out, strings.Compare)
	return out, nil
}
