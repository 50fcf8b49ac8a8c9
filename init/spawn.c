/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.c: start one service with its identity, limits and output. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"
#include "log.h"
#include "spawn.h"

/* Control groups are named relative to process 1's working directory, its own
 * writable mount of cgroup2 (mounts.c). */

/* In the child: says what failed on its own error output and ends it. */
_Noreturn static void fail(const char *what, const char *object)
{
	int err = errno;
	char text[512];

	if (join(text, sizeof(text), "mote: cannot ", what, " ", object, ": ",
		 strerror(err), "\n", NULL))
		/* best effort: the exit code tells as well. */
		(void)!write(STDERR_FILENO, text, strlen(text));
	_exit(err == ENOENT || err == ENOTDIR ? 127 : 126);
}

static void set_limits(const struct conf_service *s)
{
	for (size_t i = 0; i < s->nr_rlimits; i++) {
		const struct conf_rlimit *r = &s->rlimits[i];
		struct rlimit limit = {r->soft, r->hard};

		if (setrlimit((int)r->resource, &limit))
			fail("set", "resource limit");
	}
}

static void drop_bounding_set(uint64_t keep)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) < 0)
			return; /* beyond the last capability of the kernel */
		if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			fail("drop", "capability");
	}
}

static void set_capabilities(uint64_t caps, bool is_root)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	for (size_t i = 0; i < 2; i++) {
		data[i].effective = (__u32)(caps >> (32 * i));
		data[i].permitted = data[i].effective;
		/* root gets its capabilities from exec, others from here. */
		data[i].inheritable = is_root ? 0 : data[i].effective;
	}
	if (syscall(SYS_capset, &head, data))
		fail("set", "capabilities");
	for (unsigned long cap = 0; !is_root && cap < 64; cap++)
		if (caps >> cap & 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			fail("raise", "capability");
}

static void become(const struct conf_service *s)
{
	gid_t groups[CONF_MAX_GROUPS];

	for (size_t i = 0; i < s->nr_groups; i++)
		groups[i] = (gid_t)s->groups[i];
	drop_bounding_set(s->caps);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		fail("set", "keepcaps");
	if (setgroups(s->nr_groups, groups) ||
	    syscall(SYS_setresgid, s->gid, s->gid, s->gid) ||
	    syscall(SYS_setresuid, s->uid, s->uid, s->uid))
		fail("become", "user");
	set_capabilities(s->caps, s->uid == 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fail("set", "no_new_privs");
}

_Noreturn static void child(const struct conf_service *s, int output)
{
	char procs[96];
	sigset_t none;

	if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		fail("connect", "output");
	if (setsid() < 0)
		fail("make", "session");
	if (!join(procs, sizeof(procs), s->name, "/cgroup.procs", NULL))
		fail("name", "control group");
	if (!write_file(procs, "0"))
		fail("join", procs);
	(void)umask(022); /* cannot fail */
	set_limits(s);
	become(s);
	if (chdir(s->cwd ? s->cwd : "/"))
		fail("enter", s->cwd ? s->cwd : "/");
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL))
		fail("set", "signal mask");
	/* execve() promises not to write to the strings. */
	execve(s->argv[0], (char *const *)(uintptr_t)s->argv,
	       (char *const *)(uintptr_t)s->envp);
	fail("run", s->argv[0]);
}

/* A service that opens /dev/stdout again must own the pipe behind it. */
static void make_pipe(const struct conf_service *s, bool keep, int end[2])
{
	if (!keep) {
		end[0] = -1;
		end[1] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		if (end[1] < 0)
			die("dup", "/dev/null");
		return;
	}
	if (pipe2(end, O_CLOEXEC) || fcntl(end[0], F_SETFL, O_NONBLOCK) ||
	    fchown(end[1], (uid_t)s->uid, (gid_t)s->gid))
		die("pipe", s->name);
}

pid_t spawn(const struct conf_service *s, bool keep_output, int *output)
{
	int end[2];
	pid_t pid;

	if (mkdir(s->name, 0755) && errno != EEXIST)
		die("control group", s->name);
	make_pipe(s, keep_output, end);
	pid = fork();
	if (pid < 0)
		die("fork", s->name);
	if (pid == 0)
		child(s, end[1]);
	(void)close(end[1]); /* cannot fail: nothing was written back */
	*output = end[0];
	return pid;
}

void spawn_kill_group(const struct conf_service *s)
{
	char path[96];

	if (!join(path, sizeof(path), s->name, "/cgroup.kill", NULL) ||
	    !write_file(path, "1"))
		die("write", "cgroup.kill");
}
