/* calls makes system calls and prints how long each kind takes, in nanoseconds a call: getppid, a byte through a pipe, a folder opened and
 * closed, personality, and a socket opened and closed. Filters look at the arguments of personality and socket; for the others the kernel has the
 * answer in a bitmap (since Linux 5.11) and does not run the filter. Of many short stretches the fastest counts: in it nothing else had the processor. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { STRETCHES = 100, CALLS = 500, KINDS = 5 };

static int pipes[2];

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* make makes a call, or two that belong together. */
static int make(int kind)
{
	char byte = 0;
	int fd;

	switch (kind) {
	case 0:
		return syscall(SYS_getppid) < 0;
	case 1:
		return write(pipes[1], &byte, 1) != 1 || read(pipes[0], &byte, 1) != 1;
	case 2:
		fd = open("/", O_RDONLY);
		return fd < 0 || close(fd) != 0;
	case 3:
		return syscall(SYS_personality, 0xffffffff) < 0;
	}
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return fd < 0 || close(fd) != 0;
}

int main(void)
{
	static const int together[KINDS] = { 1, 2, 2, 1, 2 };
	int stretch, kind, i;
	double best[KINDS] = { 0 };

	if (pipe(pipes) != 0)
		return 1;
	for (stretch = 0; stretch < STRETCHES; stretch++)
		for (kind = 0; kind < KINDS; kind++) {
			double took, start = now();
			for (i = 0; i < CALLS; i++)
				if (make(kind) != 0)
					return 2;
			took = (now() - start) / CALLS / together[kind];
			if (stretch == 0 || took < best[kind])
				best[kind] = took;
		}
	for (kind = 0; kind < KINDS; kind++)
		printf("%f ", best[kind]);
	return 0;
}
