/* probe makes system calls as lines on its input say, each in a child, and prints what became of it.
 *
 *   ABI NUMBER ARGUMENT...     ABI is 64 (also for x32, by number) or 32; numbers are decimal
 *
 * A line of output is "errno N" (0: it succeeded), "signal N" (it killed the child), "trap" (SIGSYS arrived, and could be handled) or
 * "ended" (it ended the child). The program has no C library, so that a profile has to allow as little as can be for its sake: read, write,
 * mmap, clone, wait4 and exit_group; and rt_sigaction, without which a trap is a signal. */

enum { READ = 0, WRITE = 1, MMAP = 9, RT_SIGACTION = 13, CLONE = 56, WAIT4 = 61, EXIT_GROUP = 231 };
enum { SIGCHLD = 17, SIGSYS = 31, SA_RESTORER = 0x04000000 };
enum { PROT_READ_WRITE = 3, MAP_SHARED_ANONYMOUS = 0x21 };
enum { ATTEMPTS = 1 << 13, INPUT = 1 << 20 };

/* How an attempt ended, where it did not end its process. Each has a place of its own: a grandchild that fork made may be late. */
enum { UNKNOWN, RETURNED, TRAPPED };
struct outcome {
	int kind, number;
};

static char input[INPUT];
static struct outcome *current;

static long call64(long nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e, unsigned long f)
{
	register unsigned long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long ret;
	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return ret;
}

static long call32(long nr, unsigned long *a)
{
	long ret;
	__asm__ volatile("push %%rbp\n\tmov %7, %%ebp\n\tint $0x80\n\tpop %%rbp"
			 : "=a"(ret)
			 : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]), "r"((unsigned)a[5])
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static void end(int code)
{
	call64(EXIT_GROUP, code, 0, 0, 0, 0, 0);
	__builtin_trap();
}

static void trapped(int signal)
{
	(void)signal;
	current->kind = TRAPPED;
	end(0);
}

static void attempt(unsigned long *value)
{
	long ret = value[0] == 32 ? call32(value[1], value + 2) : call64(value[1], value[2], value[3], value[4], value[5], value[6], value[7]);
	current->number = ret < 0 && ret > -4096 ? -ret : 0;
	current->kind = RETURNED;
	end(0);
}

static void print(const char *word, int number)
{
	char line[32];
	int n = 0, divisor;
	while (*word != 0)
		line[n++] = *word++;
	if (number >= 0) {
		line[n++] = ' ';
		for (divisor = 1; number / divisor >= 10; divisor *= 10)
			;
		for (; divisor > 0; divisor /= 10)
			line[n++] = '0' + number / divisor % 10;
	}
	line[n++] = '\n';
	if (call64(WRITE, 1, (unsigned long)line, n, 0, 0, 0) != n)
		end(3);
}

/* parse reads the numbers of a line, and gives where the next one begins. */
static char *parse(char *p, unsigned long *value)
{
	int count = 0;
	while (*p != '\n' && *p != 0) {
		for (; *p == ' '; p++)
			;
		for (; *p >= '0' && *p <= '9'; p++)
			value[count] = value[count] * 10 + (*p - '0');
		if (++count == 8 || (*p != ' ' && *p != '\n'))
			break;
	}
	return count >= 2 && *p == '\n' ? p + 1 : 0;
}

static void run(void)
{
	struct { void (*handler)(int); unsigned long flags; void (*restorer)(void); unsigned long mask; } action = { trapped, SA_RESTORER, 0, 0 };
	struct outcome *shared;
	char *p = input;
	long n, length = 0;

	while (length < INPUT - 1 && (n = call64(READ, 0, (unsigned long)input + length, INPUT - 1 - length, 0, 0, 0)) > 0)
		length += n;
	shared = (void *)call64(MMAP, 0, ATTEMPTS * sizeof(*shared), PROT_READ_WRITE, MAP_SHARED_ANONYMOUS, -1, 0);
	if ((long)shared < 0 && (long)shared > -4096)
		end(2);
	call64(RT_SIGACTION, SIGSYS, (unsigned long)&action, 0, 8, 0, 0);
	for (n = 0; *p != 0; n++) {
		unsigned long value[8] = { 0 };
		int status = 0;
		long pid;

		p = parse(p, value);
		current = shared + n;
		if (p == 0 || n >= ATTEMPTS || (pid = call64(CLONE, SIGCHLD, 0, 0, 0, 0, 0)) < 0)
			end(1);
		if (pid == 0)
			attempt(value);
		if (call64(WAIT4, pid, (unsigned long)&status, 0, 0, 0, 0) != pid)
			end(4);
		if (current->kind == RETURNED)
			print("errno", current->number);
		else if (current->kind == TRAPPED)
			print("trap", -1);
		else if ((status & 0x7f) != 0)
			print("signal", status & 0x7f);
		else
			print("ended", -1);
	}
	end(0);
}

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tand $-16, %rsp\n\tcall start\n");
void start(void) { run(); }
