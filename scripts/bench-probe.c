/* SPDX-License-Identifier: Apache-2.0 */
/* bench-probe.c: the workload of make bench, and its stand-in for an init: says
 * at which tick it got control and how much memory there is, then ends.
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#define DEBUG_PORT 0xe9

static char text[256];
static size_t text_len;

/* The program's entry: reads the counter before the C library has run. */
extern uint64_t bench_start;
uint64_t bench_start;
__asm__(".text\n"
	".global bench_entry\n"
	"bench_entry:\n"
	"	rdtsc\n"
	"	shl $32, %rdx\n"
	"	or %rdx, %rax\n"
	"	mov %rax, bench_start(%rip)\n"
	"	xor %edx, %edx\n"
	"	jmp _start\n");

static void add(const char *s, size_t n)
{
	if (n > sizeof(text) - text_len)
		n = sizeof(text) - text_len;
	memcpy(text + text_len, s, n);
	text_len += n;
}

static void add_tick(void)
{
	char digits[20];
	size_t at = sizeof(digits);
	uint64_t value = bench_start;

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	add("tick: ", 6);
	add(digits + at, sizeof(digits) - at);
	add("\n", 1);
}

/* The line of /proc/meminfo that begins with name, as it is. */
static void add_memory(const char *meminfo, const char *name)
{
	const char *line = strstr(meminfo, name);

	if (line)
		add(line, strcspn(line, "\n") + 1);
}

static void add_meminfo(void)
{
	static char meminfo[4096];
	int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, meminfo, sizeof(meminfo) - 1) > 0) {
		add_memory(meminfo, "MemTotal:");
		add_memory(meminfo, "MemAvailable:");
	}
	close(fd);
}

/* QEMU's debug port, where the kernel lets a program use it. */
static int tell_port(void)
{
	if (ioperm(DEBUG_PORT, 1, 1))
		return -1;
	for (size_t i = 0; i < text_len; i++)
		outb((unsigned char)text[i], DEBUG_PORT);
	return 0;
}

static int tell_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int ok;

	if (fd < 0)
		return -1;
	ok = write(fd, text, text_len) == (ssize_t)text_len;
	close(fd);
	return ok ? 0 : -1;
}

/* In the place of mote's init only the log port is there, a moment later. */
static void tell_log_port(void)
{
	char path[] = "/dev/vport0p1";

	mount("dev", "/dev", "devtmpfs", 0, NULL);
	for (int tries = 0; tries < 5000; tries++) {
		path[10] = (char)('0' + tries % 8);
		if (tell_file(path) == 0)
			return;
		usleep(1000);
	}
}

int main(void)
{
	add_tick();
	add_meminfo();
	if (tell_port()) {
		if (getpid() == 1)
			tell_log_port();
		else if (write(STDOUT_FILENO, text, text_len) < 0)
			return 1;
	}
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return 0;
}
