/* SPDX-License-Identifier: Apache-2.0 */
/* test_init_mounts.c: what is mounted, how, and the end when one row fails. */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "test_init.h"
#include "mounts.h"

struct call {
	const char *op;
	char target[64], source[32], data[192];
	unsigned long flags;
};

static struct call calls[64];
static size_t nr_calls;
static size_t fail_at; /* number of the call that fails, from 1; 0: none */
static int fail_errno = EBUSY;

int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_symlink(const char *text, const char *path);
int __wrap_chdir(const char *path);

static int record(const char *op, const char *target, const char *source,
		  unsigned long flags, const char *data)
{
	struct call *c = &calls[nr_calls++];

	assert_true(nr_calls <= COUNT(calls));
	c->op = op;
	c->flags = flags;
	snprintf(c->target, sizeof(c->target), "%s", target);
	snprintf(c->source, sizeof(c->source), "%s", source ? source : "");
	snprintf(c->data, sizeof(c->data), "%s", data ? data : "");
	errno = fail_errno;
	return nr_calls == fail_at ? -1 : 0;
}

int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data)
{
	(void)source;
	return record("mount", target, type, flags, data);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	return record("mkdir", path, NULL, mode, NULL);
}

int __wrap_symlink(const char *text, const char *path)
{
	return record("symlink", path, text, 0, NULL);
}

int __wrap_chdir(const char *path)
{
	return record("chdir", path, NULL, 0, NULL);
}

static void standard(void *arg)
{
	(void)arg;
	mount_standard();
}

static void run_standard(size_t fail)
{
	nr_calls = 0;
	fail_at = fail;
}

static int all_calls(void **state)
{
	(void)state;
	run_standard(0);
	return ends(standard, NULL) == RETURNED ? 0 : -1;
}

static const struct call *find(const char *op, const char *target)
{
	for (size_t i = 0; i < nr_calls; i++)
		if (strcmp(calls[i].op, op) == 0 &&
		    strcmp(calls[i].target, target) == 0)
			return &calls[i];
	fail_msg("no %s of %s", op, target);
	return NULL;
}

static bool one_of(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

static void test_what_is_mounted(void **state)
{
	static const char *const mounted[][2] = {
		{"/", ""},
		{"/proc", "proc"},
		{"/sys", "sysfs"},
		{"/dev", "devtmpfs"},
		{"/dev/pts", "devpts"},
		{"/dev/shm", "tmpfs"},
		{"/dev/mqueue", "mqueue"},
		{"/run", "tmpfs"},
		{"/tmp", "tmpfs"},
		{"/sys/fs/cgroup", "cgroup2"},
		{"/sys/kernel/config", "configfs"},
		{"/sys/kernel/security", "securityfs"},
	};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(mounted); i++)
		assert_string_equal(find("mount", mounted[i][0])->source,
				    mounted[i][1]);
	for (size_t i = 0; i < nr_calls; i++)
		n += strcmp(calls[i].op, "mount") == 0;
	assert_int_equal(n, COUNT(mounted));
}

/* Whoever adds a row with fewer flags has to add it here too. */
static void test_flags(void **state)
{
	static const char *const may_exec[] = {"/", NULL};
	static const char *const may_hold_devices[] = {"/dev", "/dev/pts",
						       NULL};
	static const char *const read_only[] = {"/", "/sys",
						"/sys/kernel/security", NULL};

	(void)state;
	for (size_t i = 0; i < nr_calls; i++) {
		const struct call *c = &calls[i];

		if (strcmp(c->op, "mount") != 0)
			continue;
		assert_true(c->flags & MS_NOSUID);
		assert_int_equal(!(c->flags & MS_NOEXEC),
				 one_of(c->target, may_exec));
		assert_int_equal(!(c->flags & MS_NODEV),
				 one_of(c->target, may_hold_devices));
		assert_int_equal(!!(c->flags & MS_RDONLY),
				 one_of(c->target, read_only));
		if (strcmp(c->source, "tmpfs") == 0)
			assert_non_null(strstr(c->data, "size="));
	}
	assert_int_equal(find("mount", "/")->flags,
			 MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID |
				 MS_NODEV);
	assert_string_equal(find("mount", "/proc")->data, "hidepid=invisible");
	assert_string_equal(find("mount", "/tmp")->data, "mode=1777,size=64m");
}

/* A mount hides what was made below it before. */
static void test_order(void **state)
{
	(void)state;
	assert_string_equal(calls[0].target, "/");
	for (size_t i = 0; i < nr_calls; i++)
		for (size_t j = 1; j < i; j++) {
			size_t n = strlen(calls[i].target);

			if (strcmp(calls[i].op, "mount") != 0)
				continue;
			assert_false(strncmp(calls[j].target, calls[i].target,
					     n) == 0 &&
				     calls[j].target[n] == '/');
		}
	assert_true(find("mkdir", "/dev/pts") < find("mount", "/dev/pts"));
}

static void test_links(void **state)
{
	(void)state;
	assert_string_equal(find("symlink", "/dev/fd")->source,
			    "/proc/self/fd");
	assert_string_equal(find("symlink", "/dev/stderr")->source,
			    "/proc/self/fd/2");
}

/* init keeps the control groups that it can write to. */
static void test_working_directory(void **state)
{
	(void)state;
	assert_ptr_equal(find("chdir", "/sys/fs/cgroup"), &calls[nr_calls - 1]);
}

/* Each call in turn fails: power-off, its name in the log, no further call. */
static void test_each_failure(void **state)
{
	size_t total = nr_calls;

	(void)state;
	assert_true(total >= 20);
	for (size_t i = 1; i <= total; i++) {
		const char *target;
		char line[160];

		run_standard(i);
		assert_int_equal(ends(standard, NULL), POWERED_OFF);
		assert_int_equal(nr_calls, i);
		target = calls[i - 1].target;
		snprintf(line, sizeof(line), "fatal: %s %s: %s\n",
			 calls[i - 1].op, target, strerror(EBUSY));
		assert_string_equal(message(), line);
	}
}

static void writable(void *arg)
{
	mount_writable(arg);
}

static void test_writable(void **state)
{
	struct conf_tmpfs t = {"/data", "1048576", "0750", "7", "8"};

	(void)state;
	run_standard(0);
	assert_int_equal(ends(writable, &t), RETURNED);
	assert_int_equal(nr_calls, 2);
	assert_int_equal(find("mkdir", "/data")->flags, 0755);
	assert_ptr_equal(find("mount", "/data"), &calls[1]);
	assert_string_equal(calls[1].source, "tmpfs");
	assert_string_equal(calls[1].data,
			    "size=1048576,mode=0750,uid=7,gid=8");
	assert_int_equal(calls[1].flags, MS_NOSUID | MS_NODEV | MS_NOEXEC);

	run_standard(1);
	assert_dies(writable, &t, "mkdir /data: Device or resource busy");
	run_standard(2);
	assert_dies(writable, &t, "mount /data: Device or resource busy");

	/* A directory of the root is there already. */
	fail_errno = EEXIST;
	run_standard(1);
	assert_int_equal(ends(writable, &t), RETURNED);
	assert_int_equal(nr_calls, 2);
	fail_errno = EBUSY;
}

/* 127 bytes of options fit into 128, 128 do not. */
static void test_long_options(void **state)
{
	struct conf_tmpfs t = {"/data", NULL, "0750", "7", "8"};
	const size_t others = strlen("size=,mode=0750,uid=7,gid=8");
	char size[128];

	(void)state;
	t.size = size;
	for (size_t total = 120; total <= 136; total++) {
		memset(size, '0', sizeof(size));
		size[total - others] = '\0';
		run_standard(0);
		if (total < 128) {
			assert_int_equal(ends(writable, &t), RETURNED);
			assert_int_equal(strlen(calls[1].data), total);
		} else {
			assert_dies(writable, &t,
				    "options of /data: File name too long");
			assert_int_equal(nr_calls, 0);
		}
	}
}

static void seal(void *arg)
{
	(void)arg;
	mount_seal();
}

static void test_seal(void **state)
{
	static const char *const sealed[] = {"/proc/sys", "/sys/fs/cgroup"};
	char line[96];

	(void)state;
	run_standard(0);
	assert_int_equal(ends(seal, NULL), RETURNED);
	assert_int_equal(nr_calls, 4);
	for (size_t i = 0; i < 4; i += 2) {
		assert_int_equal(calls[i].flags, MS_BIND);
		assert_int_equal(calls[i + 1].flags,
				 MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID |
					 MS_NODEV | MS_NOEXEC);
	}
	for (size_t i = 0; i < 4; i++) {
		run_standard(i + 1);
		snprintf(line, sizeof(line),
			 "fatal: mount %s: Device or resource busy\n",
			 sealed[i / 2]);
		assert_int_equal(ends(seal, NULL), POWERED_OFF);
		assert_string_equal(message(), line);
		assert_string_equal(calls[i].target, sealed[i / 2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_is_mounted, all_calls),
		cmocka_unit_test_setup(test_flags, all_calls),
		cmocka_unit_test_setup(test_order, all_calls),
		cmocka_unit_test_setup(test_links, all_calls),
		cmocka_unit_test_setup(test_working_directory, all_calls),
		cmocka_unit_test_setup(test_each_failure, all_calls),
		cmocka_unit_test(test_writable),
		cmocka_unit_test(test_long_options),
		cmocka_unit_test(test_seal),
	};

	return cmocka_run_group_tests_name("init/mounts", tests, NULL, NULL);
}
