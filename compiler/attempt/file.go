package attempt

import "strings"

// KindFile is an access to a file, which a security module decides.
const KindFile Kind = "file"

// File is an access to a file by its path inside the container.
type File struct {
	Path   string `attempt:"path,required,key,path" doc:"absolute path inside the container"`
	Access string `attempt:"access,required" doc:"read, write, append, execute, map, link or lock; or AppArmor's letters"` // once validated, AppArmor's letters: r w a x m l k
	Owner  bool   `attempt:"owner" doc:"whether the process owns the file"`
	Target string `attempt:"target,path" doc:"what a link is made to; only with the access link"` // "" where none is stated
}

var file = define[File](Schema{
	Title: "an access to a file", Key: "file", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"file":"/etc/shadow","access":"r","owner":false}`},
})

// Kind is KindFile.
func (File) Kind() Kind { return KindFile }

// accessWords are the words that tests use for AppArmor's letters.
var accessWords = map[string]string{"read": "r", "write": "w", "append": "a", "execute": "x", "map": "m", "link": "l", "lock": "k"}

func (f *File) validate() error {
	if letters, ok := accessWords[f.Access]; ok {
		f.Access = letters
	}
	if f.Access == "" || strings.Trim(f.Access, "rwaxmlk") != "" {
		return wrong("access", "%q is none of read, write, append, execute, map, link, lock, nor AppArmor's letters r, w, a, x, m, l, k", f.Access)
	}
	if f.Target != "" && f.Access != "l" {
		return wrong("target", "only a link has a target")
	}
	return nil
}
