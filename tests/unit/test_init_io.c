/* SPDX-License-Identifier: Apache-2.0 */
/* test_init_io.c: small files and paths of init. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "test_init.h"
#include "io.h"

static char tmp[] = "/tmp/mote-io.XXXXXX";

static int enter(void **state)
{
	(void)state;
	return !mkdtemp(tmp) || chdir(tmp);
}

static int leave(void **state)
{
	(void)state;
	return chdir("/") || rmdir(tmp);
}

static void put_file(const char *name, size_t n)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(fputc('a' + (int)(i % 26), f),
				 'a' + (int)(i % 26));
	assert_int_equal(fclose(f), 0);
}

/* Every length around the size of the buffer; one byte is for the NUL. */
static void test_read_lengths(void **state)
{
	char buf[64];

	(void)state;
	for (size_t n = 0; n <= 70; n++) {
		put_file("f", n);
		memset(buf, 'X', sizeof(buf));
		errno = 0;
		if (n < sizeof(buf)) {
			assert_int_equal(read_file("f", buf, sizeof(buf)), n);
			assert_int_equal(strlen(buf), n);
		} else {
			assert_int_equal(read_file("f", buf, sizeof(buf)), -1);
			assert_int_equal(errno, EFBIG);
		}
	}
	unlink("f");
}

static void test_read_failures(void **state)
{
	char buf[8];

	(void)state;
	assert_int_equal(read_file("absent", buf, sizeof(buf)), -1);
	assert_int_equal(errno, ENOENT);
	put_file("f", 3);
	assert_int_equal(symlink("f", "link"), 0);
	assert_int_equal(read_file("link", buf, sizeof(buf)), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(read_file(".", buf, sizeof(buf)), -1);
	assert_int_equal(errno, EISDIR);
	unlink("link");
	unlink("f");
}

/* In pieces, as from a pipe, and the end only after the last one. */
static void test_read_pieces(void **state)
{
	char buf[64];
	pid_t pid;
	int fd;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDWR);
	assert_true(fd >= 0);
	pid = fork();
	if (pid == 0) {
		int out = open("fifo", O_WRONLY);

		for (int i = 0; i < 5; i++) {
			(void)!write(out, "12345", 5);
			usleep(20000);
		}
		_Exit(0);
	}
	/* The child keeps it open too: the end comes with its end. */
	usleep(10000);
	close(fd);
	assert_int_equal(read_file("fifo", buf, sizeof(buf)), 25);
	assert_string_equal(buf, "1234512345123451234512345");
	unlink("fifo");
}

static void test_write(void **state)
{
	char buf[16];

	(void)state;
	assert_false(write_file("absent", "x"));
	assert_int_equal(errno, ENOENT);
	put_file("f", 2);
	assert_true(write_file("f", "xyz"));
	assert_int_equal(read_file("f", buf, sizeof(buf)), 3);
	assert_string_equal(buf, "xyz");
	assert_int_equal(symlink("f", "link"), 0);
	assert_false(write_file("link", "x"));
	assert_int_equal(errno, ELOOP);
	/* The error of write(2) survives the close. */
	assert_false(write_file("/dev/full", "x"));
	assert_int_equal(errno, ENOSPC);
	unlink("link");
	unlink("f");
}

static void test_join(void **state)
{
	char out[12];

	(void)state;
	assert_true(join(out, sizeof(out), "/a", "/", "b", "/c", NULL));
	assert_string_equal(out, "/a/b/c");
	assert_true(
		join(out, sizeof(out), "", "/aaaa", "", "bbbbbb", "", NULL));
	assert_string_equal(out, "/aaaabbbbbb");
	for (size_t size = 0; size <= 11; size++) {
		memset(out, 'X', sizeof(out));
		errno = 0;
		assert_false(join(out, size, "/aaaa", "bbbbbb", NULL));
		assert_int_equal(errno, ENAMETOOLONG);
		assert_int_equal(out[size], 'X');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_lengths),
		cmocka_unit_test(test_read_failures),
		cmocka_unit_test(test_read_pieces),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_join),
	};

	return cmocka_run_group_tests_name("init/io", tests, enter, leave);
}
