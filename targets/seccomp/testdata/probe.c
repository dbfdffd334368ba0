/* probe makes system calls as lines on its input say, each in a child, and prints what became of it.
 *
 *   ABI NUMBER ARGUMENT...     ABI is 64 (also for x32, by number) or 32; numbers are decimal or 0x...
 *
 * A line of output is "errno N" (0: it succeeded) or "signal N". */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static long call32(long nr, unsigned long *a)
{
	long ret;
	__asm__ volatile("push %%rbp\n\tmov %7, %%ebp\n\tint $0x80\n\tpop %%rbp"
			 : "=a"(ret)
			 : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]), "r"((unsigned)a[5])
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

int main(void)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		unsigned long value[8] = { 0 };
		int count = 0, status, fd[2], result = 0;
		char *word;
		pid_t pid;

		for (word = strtok(line, " \n"); word != NULL && count < 8; word = strtok(NULL, " \n"))
			value[count++] = strtoul(word, NULL, 0);
		if (count < 2 || pipe(fd) != 0 || fflush(stdout) != 0 || (pid = fork()) < 0)
			return 1;
		if (pid == 0) {
			long ret;
			if (value[0] == 32) {
				ret = call32(value[1], value + 2);
				result = ret < 0 && ret > -4096 ? -ret : 0;
			} else {
				ret = syscall(value[1], value[2], value[3], value[4], value[5], value[6], value[7]);
				result = ret == -1 ? errno : 0;
			}
			if (write(fd[1], &result, sizeof(result)) != sizeof(result))
				_exit(1);
			_exit(0);
		}
		close(fd[1]);
		if (waitpid(pid, &status, 0) != pid)
			return 1;
		if (WIFSIGNALED(status))
			printf("signal %d\n", WTERMSIG(status));
		else if (read(fd[0], &result, sizeof(result)) == sizeof(result))
			printf("errno %d\n", result);
		else
			printf("nothing\n");
		close(fd[0]);
	}
	return 0;
}
