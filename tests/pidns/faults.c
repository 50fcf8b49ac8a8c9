/* SPDX-License-Identifier: Apache-2.0 */
/* faults.c: init in a PID namespace, with any of its calls failing on order. */
/*
 * tests/pidns.bats runs this build of init as process 1 of a namespace, below
 * a folder with plain files in the place of /proc and /sys. Environment:
 *   FAULT=NAME/N   the Nth call of NAME by process 1 fails with EIO
 *   FAULT=NAME/N+  that one and all after it
 *   COUNTS=FILE    process 1 writes its calls there, before it powers off
 * mount(2) does nothing (nothing is changed outside), the guard finds nothing
 * (the root is no dm-verity device), and Ctrl-Alt-Del is not to be had in a
 * namespace. Everything else, power-off above all, is the real call. With
 * ONLY_REBOOT, mount(2) and the guard are the real ones too.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guard.h"
#include "log.h"

static struct {
	const char *name;
	unsigned int n;
} counts[64];

/* True if this call is the one to fail. */
static bool fault(const char *name)
{
	const char *want = getenv("FAULT");
	size_t len = strlen(name), i = 0;
	unsigned int n;
	char *end;

	if (getpid() != 1)
		return false;
	while (counts[i].name && strcmp(counts[i].name, name) != 0)
		i++;
	counts[i].name = name;
	n = ++counts[i].n;
	if (!want || strncmp(want, name, len) != 0 || want[len] != '/')
		return false;
	errno = EIO;
	if (n == strtoul(want + len + 1, &end, 10))
		return true;
	return *end == '+' && n > strtoul(want + len + 1, NULL, 10);
}

int __real_reboot(int how);

#ifdef ONLY_REBOOT
static void write_counts(void)
{
}
#else
int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *buf, size_t n);
int __real_close(int fd);

static void write_counts(void)
{
	const char *path = getenv("COUNTS");
	int fd = path ? __real_open(path, O_WRONLY | O_CREAT, 0600) : -1;

	for (size_t i = 0; fd >= 0 && counts[i].name; i++) {
		const char *n = dec(counts[i].n);

		__real_write(fd, counts[i].name, strlen(counts[i].name));
		__real_write(fd, " ", 1);
		__real_write(fd, n, strlen(n));
		__real_write(fd, "\n", 1);
	}
	if (fd >= 0)
		__real_close(fd);
}
#endif

int __wrap_reboot(int how);
int __wrap_reboot(int how)
{
	/* Never outside a namespace. */
	if (getpid() != 1)
		_exit(99);
	if (fault("reboot"))
		return -1;
	if (how == RB_DISABLE_CAD)
		return 0;
	write_counts();
	return __real_reboot(how);
}

void __wrap_sync(void);
void __wrap_sync(void)
{
}

#ifndef ONLY_REBOOT
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data);
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data)
{
	(void)source;
	(void)target;
	(void)type;
	(void)flags;
	(void)data;
	return fault("mount") ? -1 : 0;
}

void __wrap_guard_root(void);
void __wrap_guard_root(void)
{
}

int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return fault("open") ? -1 : __real_open(path, flags, mode);
}

int __real_fcntl(int fd, int op, ...);
int __wrap_fcntl(int fd, int op, ...);
int __wrap_fcntl(int fd, int op, ...)
{
	va_list ap;
	long arg;

	va_start(ap, op);
	arg = va_arg(ap, long);
	va_end(ap);
	return fault("fcntl") ? -1 : __real_fcntl(fd, op, arg);
}

int __real_ioctl(int fd, int op, ...);
int __wrap_ioctl(int fd, int op, ...);
int __wrap_ioctl(int fd, int op, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, op);
	arg = va_arg(ap, void *);
	va_end(ap);
	return fault("ioctl") ? -1 : __real_ioctl(fd, op, arg);
}

/* The others have a fixed number of arguments. */
#define WRAP(type, name, params, args)                                         \
	type __real_##name params;                                             \
	type __wrap_##name params;                                             \
	type __wrap_##name params                                              \
	{                                                                      \
		return fault(#name) ? (type)-1 : __real_##name args;           \
	}

WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, symlink, (const char *text, const char *path), (text, path))
WRAP(int, close, (int fd), (fd))
WRAP(ssize_t, read, (int fd, void *buf, size_t n), (fd, buf, n))
WRAP(ssize_t, write, (int fd, const void *buf, size_t n), (fd, buf, n))
WRAP(int, stat, (const char *path, struct stat *st), (path, st))
WRAP(ssize_t, getrandom, (void *buf, size_t n, unsigned int f), (buf, n, f))
WRAP(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old),
     (how, set, old))
WRAP(int, sethostname, (const char *name, size_t n), (name, n))
WRAP(int, socket, (int family, int type, int protocol),
     (family, type, protocol))
WRAP(int, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags))
WRAP(int, inotify_init1, (int flags), (flags))
WRAP(int, inotify_add_watch, (int fd, const char *path, uint32_t mask),
     (fd, path, mask))
WRAP(int, pipe2, (int *fd, int flags), (fd, flags))
WRAP(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
WRAP(pid_t, fork, (void), ())
WRAP(int, poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms))
WRAP(pid_t, waitpid, (pid_t pid, int *status, int flags), (pid, status, flags))
WRAP(int, kill, (pid_t pid, int sig), (pid, sig))
WRAP(int, clock_gettime, (clockid_t id, struct timespec *ts), (id, ts))
#endif
