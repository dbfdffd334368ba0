/* compile reads a filter as lines and writes the BPF program that libseccomp makes of it.
 *
 *   default ACTION          first; numbers are hexadecimal
 *   arch TOKEN              in addition to the native one
 *   rule ACTION NAME COUNT [INDEX OP VALUE VALUE]...
 *
 * It ends with 2 when libseccomp refuses a rule. The differential test builds it. */
#include <errno.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	scmp_filter_ctx ctx = NULL;
	char word[64], name[64];
	uint32_t action;

	while (scanf("%63s", word) == 1) {
		if (strcmp(word, "default") == 0) {
			if (scanf("%" SCNx32, &action) != 1 || (ctx = seccomp_init(action)) == NULL)
				return 1;
		} else if (strcmp(word, "arch") == 0) {
			int rc;
			if (scanf("%" SCNx32, &action) != 1)
				return 1;
			rc = seccomp_arch_add(ctx, action);
			if (rc != 0 && rc != -EEXIST)
				return 1;
		} else {
			struct scmp_arg_cmp args[6];
			unsigned int count, i;
			int call, rc;

			if (scanf("%" SCNx32 " %63s %u", &action, name, &count) != 3 || count > 6)
				return 1;
			memset(args, 0, sizeof(args));
			for (i = 0; i < count; i++) {
				unsigned int op;
				if (scanf("%u %u %" SCNx64 " %" SCNx64, &args[i].arg, &op, &args[i].datum_a, &args[i].datum_b) != 4)
					return 1;
				args[i].op = op;
			}
			call = seccomp_syscall_resolve_name(name);
			if (call == __NR_SCMP_ERROR)
				continue;
			rc = seccomp_rule_add_array(ctx, action, call, count, args);
			if (rc != 0) {
				fprintf(stderr, "%s: %s\n", name, strerror(-rc));
				return 2;
			}
		}
	}
	return seccomp_export_bpf(ctx, STDOUT_FILENO) == 0 ? 0 : 1;
}
