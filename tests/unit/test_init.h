/* SPDX-License-Identifier: Apache-2.0 */
/* test_init.h: process 1 in a test program: its end and its log are seen. */
#ifndef MOTE_TEST_INIT_H
#define MOTE_TEST_INIT_H

/*
 * The linker's --wrap puts the functions below in the place of those of the C
 * library. power_off() of init/log.c then comes back to ends(), which says how
 * process 1 ended, and the log is a string.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/types.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum end { RETURNED, POWERED_OFF, OTHER_REBOOT, EXITED };

static jmp_buf the_end;
static bool reboot_fails; /* as if the kernel could not power off */
static int exit_code;
static char log_text[8192];
static size_t log_len;

int __wrap_reboot(int how);
_Noreturn void __wrap__exit(int code);
int __wrap_kill(pid_t pid, int sig);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
ssize_t __real_write(int fd, const void *buf, size_t n);

int __wrap_reboot(int how)
{
	if (reboot_fails)
		return -1;
	longjmp(the_end, how == RB_POWER_OFF ? POWERED_OFF : OTHER_REBOOT);
}

_Noreturn void __wrap__exit(int code)
{
	exit_code = code;
	longjmp(the_end, EXITED);
}

/* Whoever calls it here would end all processes of the machine. */
int __wrap_kill(pid_t pid, int sig)
{
	(void)pid;
	(void)sig;
	return 0;
}

ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
	if (fd != STDERR_FILENO)
		return __real_write(fd, buf, n);
	if (n < sizeof(log_text) - log_len) {
		memcpy(log_text + log_len, buf, n);
		log_len += n;
		log_text[log_len] = '\0';
	}
	return (ssize_t)n;
}

/* Runs step(arg) and says how process 1 ended, or that it did not. */
static inline enum end ends(void (*step)(void *arg), void *arg)
{
	int end;

	log_len = 0;
	log_text[0] = '\0';
	end = setjmp(the_end);
	if (end == 0)
		step(arg);
	return (enum end)end;
}

/* The text of a log line after "mote SECONDS.MICROS: ", with its newline. */
static inline const char *message(void)
{
	const char *p = strstr(log_text, ": ");

	return p ? p + 2 : log_text;
}

#ifndef FUZZ
#include <cmocka.h>

/* The step powered the guest off, and its only line is "fatal: TEXT". */
#define assert_dies(step, arg, text)                                           \
	do {                                                                   \
		assert_int_equal(ends(step, arg), POWERED_OFF);                \
		assert_string_equal(message(), "fatal: " text "\n");           \
	} while (0)
#endif

#endif
