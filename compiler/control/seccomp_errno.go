package control

// SeccompErrno is the ID of the control in this file.
const SeccompErrno ID = "seccomp.errno"

var seccompErrno = &Control{
	ID:     SeccompErrno,
	Title:  "Refused system calls must return the stated error",
	Reason: "Programs expect EPERM when a call is refused. ENOSYS makes them try an older call.",
	Order:  Fixed, Type: Text, Scope: OfContainer, Linux: true, Names: []string{"EPERM", "ENOSYS", "EACCES"}, Loosest: Value{Text: "EPERM"},
}
