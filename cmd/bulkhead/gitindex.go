package main

import (
	"bytes"
	"crypto/sha1" // the checksum of the format, and no protection
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

// gitIndex is what git tracks in a working tree. Git ignores none of it, whatever .gitignore says (gitignore(5)).
type gitIndex struct {
	top   string   // the folder of the working tree
	paths []string // sorted, with slashes, from the top
}

// readIndex reads the index of the working tree in a folder.
func readIndex(top string, read func(name string) ([]byte, error)) (*gitIndex, error) {
	folder := filepath.Join(top, ".git")
	if body, err := read(folder); err == nil { // of a worktree or submodule: gitrepository-layout(5)
		to, ok := strings.CutPrefix(strings.TrimSpace(string(body)), "gitdir: ")
		if !ok {
			return nil, errIndex
		}
		folder = filepath.FromSlash(to)
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(top, folder)
		}
	}
	body, err := read(filepath.Join(folder, "index"))
	if err != nil {
		return nil, err
	}
	paths, err := indexPaths(body)
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	return &gitIndex{top, paths}, nil
}

// tracks reports whether git tracks a file, or a file below a folder.
func (x *gitIndex) tracks(abs string, isDir bool) bool {
	path, err := filepath.Rel(x.top, abs)
	if err != nil {
		return true
	}
	path = filepath.ToSlash(path)
	if _, ok := slices.BinarySearch(x.paths, path); ok { // a submodule, where it is a folder
		return true
	}
	return isDir && len(x.below(path)) > 0
}

// below gives the paths below a folder.
func (x *gitIndex) below(path string) []string {
	if path == "." {
		return x.paths
	}
	first, _ := slices.BinarySearch(x.paths, path+"/")
	end, _ := slices.BinarySearch(x.paths, path+"0") // 0 follows / in ASCII
	return x.paths[first:end]
}

var errIndex = errors.New("git's index is damaged, or of an unknown format")

const (
	longestPath  = 4096    // PATH_MAX of Linux
	longestPaths = 1 << 28 // of all paths together: those of version 4 are written shortened
)

// indexPaths reads the paths of an index of version 2 to 4 (gitformat-index(5)). An index that is split or sparse does
// not list all of them, and is an error.
func indexPaths(body []byte) ([]string, error) {
	hash := checksumSize(body)
	if hash == 0 || len(body) < 12+hash || string(body[:4]) != "DIRC" {
		return nil, errIndex
	}
	version, count := binary.BigEndian.Uint32(body[4:]), binary.BigEndian.Uint32(body[8:])
	if version < 2 || version > 4 {
		return nil, errIndex
	}
	rest := body[12 : len(body)-hash]
	var paths []string
	last, total := "", 0
	for range count {
		path, size, ok := indexEntry(rest, version, hash, last)
		total += len(path)
		if !ok || total > longestPaths {
			return nil, errIndex
		}
		paths, last, rest = append(paths, path), path, rest[size:]
	}
	for len(rest) > 0 { // extensions, of which those in small letters must be understood
		if len(rest) < 8 || rest[0] < 'A' || rest[0] > 'Z' || uint64(binary.BigEndian.Uint32(rest[4:])) > uint64(len(rest)-8) {
			return nil, errIndex
		}
		rest = rest[8+binary.BigEndian.Uint32(rest[4:]):]
	}
	return paths, nil
}

// checksumSize gives the size in bytes of the repository's hashes, that of the checksum at the end; 0: the index is
// damaged. With index.skipHash the checksum is zero.
func checksumSize(body []byte) int {
	if end := len(body) - sha1.Size; end >= 0 {
		sum := sha1.Sum(body[:end])
		if bytes.Equal(body[end:], sum[:]) || bytes.Equal(body[end:], make([]byte, sha1.Size)) {
			return sha1.Size
		}
	}
	if end := len(body) - sha256.Size; end >= 0 {
		if sum := sha256.Sum256(body[:end]); bytes.Equal(body[end:], sum[:]) {
			return sha256.Size
		}
	}
	return 0
}

// indexEntry reads the path of the entry at the beginning of a text, and gives the size of the entry in bytes. The path
// of version 4 continues part of the one before.
func indexEntry(text []byte, version uint32, hash int, before string) (path string, size int, ok bool) {
	at := 40 + hash // ten numbers, such as times and the mode, and the hash
	if len(text) < at+2 {
		return "", 0, false
	}
	flags := binary.BigEndian.Uint16(text[at:])
	at += 2
	if flags&0x4000 != 0 { // extended: more flags
		if at += 2; version < 3 || len(text) < at {
			return "", 0, false
		}
	}
	kept := ""
	if version == 4 {
		drop, n := offset(text[at:])
		if n == 0 || drop > len(before) {
			return "", 0, false
		}
		at += n
		kept = before[:len(before)-drop]
	}
	end := bytes.IndexByte(text[at:], 0)
	if end < 0 || len(kept)+end > longestPath {
		return "", 0, false
	}
	path = kept + string(text[at:at+end])
	if path == "" || min(len(path), 0xfff) != int(flags&0xfff) {
		return "", 0, false
	}
	size = at + end + 1
	if version < 4 {
		size = (size + 7) / 8 * 8
	}
	return path, size, size <= len(text)
}

// offset reads a number as gitformat-pack(5) writes offsets, and gives its size in bytes; 0: it is none, or too large for a path.
func offset(text []byte) (number, size int) {
	for i, b := range text {
		number = number<<7 | int(b&0x7f)
		if number > longestPath {
			return 0, 0
		}
		if b&0x80 == 0 {
			return number, i + 1
		}
		number++
	}
	return 0, 0
}
