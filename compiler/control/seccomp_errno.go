package control

// SeccompErrno is the ID of the control in this file.
const SeccompErrno ID = "seccomp.errno"

var seccompErrno = &Control{
	ID:     SeccompErrno,
	Title:  "The error that a refused system call returns",
	Reason: "EPERM is what programs expect of a refusal; ENOSYS makes them fall back to an older call.",
	Order:  Fixed, Type: Text, Scope: OfContainer, Linux: true, Names: []string{"EPERM", "ENOSYS", "EACCES"}, Loosest: Value{Text: "EPERM"},
}
