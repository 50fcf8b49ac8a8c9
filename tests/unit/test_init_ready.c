/* SPDX-License-Identifier: Apache-2.0 */
/* test_init_ready.c: a path that appears is seen, whatever part is missing. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "test_init.h"
#include "ready.h"

static char tmp[] = "/tmp/mote-ready.XXXXXX";
static int ready_fd;
static int init_errno, watch_errno; /* why the call fails, or 0 */

int __wrap_inotify_init1(int flags);
int __real_inotify_init1(int flags);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);

int __wrap_inotify_init1(int flags)
{
	errno = init_errno;
	return init_errno ? -1 : __real_inotify_init1(flags);
}

int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	errno = watch_errno;
	return watch_errno ? -1 : __real_inotify_add_watch(fd, path, mask);
}

static void open_it(void *arg)
{
	(void)arg;
	ready_fd = ready_open();
}

static void check_it(void *arg)
{
	(void)ready_check(arg);
}

static int enter(void **state)
{
	(void)state;
	return !mkdtemp(tmp) || ends(open_it, NULL) != RETURNED;
}

static int leave(void **state)
{
	(void)state;
	return rmdir(tmp);
}

static char *path(const char *name)
{
	static char ring[4][128];
	static unsigned int turn;
	char *p = ring[turn++ % 4];

	snprintf(p, sizeof(ring[0]), "%s/%s", tmp, name);
	return p;
}

static void make_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	close(fd);
}

/* Something happened that calls for another ready_check. */
static bool woken(void)
{
	struct pollfd p = {.fd = ready_fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void test_exists(void **state)
{
	(void)state;
	assert_true(ready_check("/"));
	assert_true(ready_check(tmp));
	assert_true(ready_check("/proc/self/exe"));
}

static void test_appears(void **state)
{
	(void)state;
	assert_false(ready_check(path("a")));
	assert_false(woken());
	make_file(path("other"));
	assert_true(woken());
	assert_false(ready_check(path("a")));
	assert_false(woken());
	make_file(path("a"));
	assert_true(woken());
	assert_true(ready_check(path("a")));
	unlink(path("a"));
	unlink(path("other"));
}

static void test_renamed(void **state)
{
	(void)state;
	make_file(path("a.new"));
	assert_false(ready_check(path("a")));
	assert_int_equal(rename(path("a.new"), path("a")), 0);
	assert_true(woken());
	assert_true(ready_check(path("a")));
	unlink(path("a"));
}

/* Directories on the way come first; each one moves the watch down. */
static void test_deep(void **state)
{
	(void)state;
	assert_false(ready_check(path("d/e/f")));
	assert_int_equal(mkdir(path("d"), 0700), 0);
	assert_true(woken());
	assert_false(ready_check(path("d/e/f")));
	assert_false(woken());
	assert_int_equal(mkdir(path("d/e"), 0700), 0);
	assert_true(woken());
	assert_false(ready_check(path("d/e/f")));
	assert_false(woken());
	make_file(path("d/e/f"));
	assert_true(woken());
	assert_true(ready_check(path("d/e/f")));
	unlink(path("d/e/f"));
	rmdir(path("d/e"));
	rmdir(path("d"));
}

/* A directory that goes away and comes back is followed. */
static void test_removed(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path("d"), 0700), 0);
	assert_false(ready_check(path("d/f")));
	assert_int_equal(rmdir(path("d")), 0);
	assert_false(ready_check(path("d/f")));
	assert_int_equal(mkdir(path("d"), 0700), 0);
	assert_true(woken());
	assert_false(ready_check(path("d/f")));
	make_file(path("d/f"));
	assert_true(woken());
	assert_true(ready_check(path("d/f")));
	unlink(path("d/f"));
	rmdir(path("d"));
}

/* A file where a directory should be is no error: it may be replaced. */
static void test_not_a_directory(void **state)
{
	(void)state;
	make_file(path("d"));
	assert_int_equal(ends(check_it, path("d/f")), RETURNED);
	assert_false(ready_check(path("d/f")));
	unlink(path("d"));
}

static void test_failures(void **state)
{
	char name[5000];

	(void)state;
	watch_errno = ENOSPC;
	assert_dies(check_it, path("a"),
		    "inotify /: "
		    "No space left on device");
	watch_errno = 0;
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	assert_dies(check_it, name, "ready: path too long");
	init_errno = EMFILE;
	assert_dies(open_it, NULL, "inotify init: Too many open files");
	init_errno = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exists),
		cmocka_unit_test(test_appears),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_not_a_directory),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests_name("init/ready", tests, enter, leave);
}
