/* known reads names of system calls and writes those that libseccomp knows. */
#include <seccomp.h>
#include <stdio.h>

int main(void)
{
	char name[64];
	while (scanf("%63s", name) == 1)
		if (seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR)
			puts(name);
	return 0;
}
