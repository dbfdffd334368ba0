package linux

import "strings"

// ringCalls are the system calls that io_uring has operations for (IORING_OP_* of linux/io_uring.h).
const ringCalls = "accept accept4 bind close connect epoll_ctl epoll_wait fadvise64 fallocate fgetxattr fsetxattr fsync ftruncate " +
	"futex getxattr linkat listen madvise mkdirat open openat openat2 pipe pipe2 poll read readv pread64 preadv recv recvfrom recvmsg renameat " +
	"renameat2 send sendmsg sendto setxattr shutdown socket splice statx symlinkat sync_file_range tee unlinkat waitid write writev pwrite64 pwritev"

// RingCalls returns the system calls whose work io_uring does without them, so that a filter on them does not see it.
func RingCalls() []string { return strings.Fields(ringCalls) }
