package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
)

// noCache is the value of --cache that means no folder.
const noCache = "off"

// What the answers of one checker, and all in a folder, may take, in bytes.
const (
	mostAnswers = 64 << 20
	mostCached  = 4 * mostAnswers
)

// A file of answers is named after its checker. It begins with a line, and the
// checksum of what follows: for each answer its key, its length in four bytes, and
// the answer.
const (
	answersEnd  = ".answers"
	answersHead = "bulkhead answers 1\n"
	answerHead  = sha256.Size + 4
)

// answers are what one checker told of files. They stand in one file, which is
// replaced as a whole: who reads meanwhile has the old one, and of two that write
// at once one is forgotten. Whoever may write the file decides what is told.
type answers struct {
	dir, name string
	old       map[check.Key]string

	mu   sync.Mutex
	used map[check.Key]bool // of the old ones
	new  map[check.Key][]byte
}

// recall lets a checker answer from the user's cache. Where there is no folder for
// it, and none was named, nothing is kept: it spares time and nothing else.
func (a *app) recall(checker *check.Checker, program *lang.Program, flags *checkFlags) (*answers, error) {
	dir := flags.cache
	switch {
	case dir == noCache || dir == "" && a.cache == nil:
		return nil, nil
	case dir == "":
		user, err := a.cache()
		if err != nil {
			return nil, nil
		}
		dir = filepath.Join(user, "bulkhead")
	}
	if err := privateFolder(dir); err != nil {
		if flags.cache == "" {
			err = nil
		}
		return nil, err
	}
	variables, err := flags.variables(a)
	build := compilerBuild()
	if err != nil || build == "" {
		return nil, err
	}
	on := []string{build, flags.kubernetes}
	for _, v := range variables {
		on = append(on, v.Name, v.Text, v.Value.GoString())
	}
	for _, s := range sources(program.Files) {
		on = append(on, s.Path, string(s.Body))
	}
	identity := checker.Identity(on...)
	known := readAnswers(dir, identity)
	checker.Recall(known, identity)
	return known, nil
}

// privateFolder makes a folder that nobody but the user may write to.
func privateFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		err = fmt.Errorf("others may write to %s, and so decide what a check tells: chmod go-w %[1]s", dir)
	}
	return err
}

// compilerBuild tells this build from others: by what it was built of where that
// has a name, or else by the file that it is, as of changed sources. It is "" where
// neither can be told.
func compilerBuild() string {
	if info, ok := debug.ReadBuildInfo(); ok && named(info) {
		return info.String()
	}
	file, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %s %d %d", version, runtime.Version(), info.Size(), info.ModTime().UnixNano())
}

// named reports whether modules' checksums and a revision say all of what a build
// was made of.
func named(info *debug.BuildInfo) bool {
	for _, m := range info.Deps {
		if m.Sum == "" && (m.Replace == nil || m.Replace.Sum == "") {
			return false
		}
	}
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	return info.Main.Sum != "" || set["vcs.revision"] != "" && set["vcs.modified"] == "false"
}

// readAnswers gives those of a checker. What is not whole, or not of the form, is
// as good as none.
func readAnswers(dir string, checker check.Key) *answers {
	s := &answers{dir: dir, name: hex.EncodeToString(checker[:]) + answersEnd, old: map[check.Key]string{}, used: map[check.Key]bool{}, new: map[check.Key][]byte{}}
	path := filepath.Join(dir, s.name)
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Size() > mostAnswers {
		return s
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return s
	}
	body, ok := bytes.CutPrefix(body, []byte(answersHead))
	if !ok || len(body) < sha256.Size || sha256.Sum256(body[sha256.Size:]) != [sha256.Size]byte(body[:sha256.Size]) {
		return s
	}
	body = body[sha256.Size:]
	for text := string(body); len(body) >= answerHead; {
		key, size := check.Key(body[:sha256.Size]), int(binary.LittleEndian.Uint32(body[sha256.Size:]))
		if size > len(body)-answerHead {
			break
		}
		s.old[key] = text[answerHead : answerHead+size]
		text, body = text[answerHead+size:], body[answerHead+size:]
	}
	return s
}

// Get gives what was told in an earlier run.
func (s *answers) Get(key check.Key) (string, bool) {
	answer, known := s.old[key]
	if known {
		s.mu.Lock()
		s.used[key] = true
		s.mu.Unlock()
	}
	return answer, known
}

// Put keeps an answer for later runs.
func (s *answers) Put(key check.Key, answer []byte) {
	s.mu.Lock()
	s.new[key] = answer
	s.mu.Unlock()
}

// save writes what is new, what was asked for, and of the rest what there is room
// for. Where that fails nothing is kept.
func (s *answers) save() {
	if s == nil || len(s.new) == 0 {
		return
	}
	body := append([]byte(answersHead), make([]byte, sha256.Size)...)
	add := func(key check.Key, answer string) {
		if len(body)+answerHead+len(answer) <= mostAnswers {
			body = append(body, key[:]...)
			body = binary.LittleEndian.AppendUint32(body, uint32(len(answer)))
			body = append(body, answer...)
		}
	}
	for key, answer := range s.new {
		add(key, string(answer))
	}
	for _, used := range []bool{true, false} {
		for key, answer := range s.old {
			if s.used[key] == used {
				add(key, answer)
			}
		}
	}
	sum := sha256.Sum256(body[len(answersHead)+sha256.Size:])
	copy(body[len(answersHead):], sum[:])
	s.write(body)
	s.forget()
}

func (s *answers) write(body []byte) {
	f, err := os.CreateTemp(s.dir, s.name+"-") // for the user alone
	if err != nil {
		return
	}
	defer os.Remove(f.Name())
	_, err = f.Write(body)
	if closed := f.Close(); err == nil && closed == nil {
		_ = os.Rename(f.Name(), filepath.Join(s.dir, s.name))
	}
}

// forget removes the files of answers that were written first, while all are more
// than there is room for.
func (s *answers) forget() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	size := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && strings.Contains(e.Name(), answersEnd) {
			files = append(files, info)
			size += info.Size()
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if size <= mostCached {
			return
		}
		_ = os.Remove(filepath.Join(s.dir, f.Name()))
		size -= f.Size()
	}
}
