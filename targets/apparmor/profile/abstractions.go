package profile

// abstraction is what is known of a file that AppArmor ships below abstractions/, as shipped: what a site adds in the
// .d folder beside it is not known here. None of them denies.
type abstraction struct {
	rules string // those that are not about files
	other class  // of what else it allows, which is not read
}

// abstractions are those that container profiles include. Of "base" the rules about processes and sockets are stated:
// a container's profile says little else of them.
var abstractions = map[string]abstraction{
	"abstractions/base": {other: classFile, rules: `
		ptrace (readby, tracedby),
		ptrace (read) peer=@{profile_name},
		signal (receive) peer=unconfined,
		signal peer=@{profile_name},
		signal (send, receive) set=(exists),
		unix peer=(label=@{profile_name}),
		unix (receive) peer=(label=unconfined),
		unix (create),
		unix (getattr, getopt, setopt, shutdown),`},
	"abstractions/consoles":    {other: classFile},
	"abstractions/nameservice": {other: classEvery},
	"abstractions/openssl":     {other: classFile},
	"abstractions/ssl_certs":   {other: classFile},
}
