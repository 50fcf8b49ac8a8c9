/* SPDX-License-Identifier: Apache-2.0 */
/* test_init_cmdline.c: words of the command line: allowed, refused, values. */
#include <errno.h>
#include <stdio.h>

#include "test_init.h"
#include "cmdline.h"

static const char *line_of_host;
static int line_errno;

ssize_t __wrap_read_file(const char *path, char *buf, size_t size);

ssize_t __wrap_read_file(const char *path, char *buf, size_t size)
{
	size_t n = strlen(line_of_host);

	assert_string_equal(path, "/proc/cmdline");
	if (line_errno || n > size - 1) {
		errno = line_errno ? line_errno : EFBIG;
		return -1;
	}
	memcpy(buf, line_of_host, n + 1);
	return (ssize_t)n;
}

static void read_line(void *arg)
{
	line_of_host = arg;
	cmdline_read();
}

static void check_line(void *arg)
{
	read_line(arg);
	cmdline_check();
}

#define CREATE "dm-mod.create=\"root,,,ro,0 8 verity 1 /dev/vda\""
/* All words that docs/mote-init.8 lists. */
static const char *const words[] = {
	CREATE,
	"root=/dev/dm-0",
	"rootfstype=erofs",
	"ro",
	"random.trust_bootloader=off",
	"page_alloc.shuffle=1",
	"tsc=reliable",
	"hpet=disable",
};

static char line_buf[4096];

/* All words but one (none: COUNT(words)), another one instead, and more. */
static char *line_with(size_t without, const char *instead, const char *more)
{
	line_buf[0] = '\0';
	for (size_t i = 0; i < COUNT(words); i++) {
		if (i == without && !instead)
			continue;
		strcat(line_buf, i == without ? instead : words[i]);
		strcat(line_buf, " ");
	}
	line_buf[strlen(line_buf) - 1] = '\0';
	strcat(line_buf, more);
	return line_buf;
}

static char *valid_and(const char *more)
{
	return line_with(COUNT(words), NULL, more);
}

static void test_valid(void **state)
{
	static const char *const ends_of_line[] = {"", "\n", " ",
						   " \t\n\v\f\r"};
	char reversed[1024] = "\n\t ";

	(void)state;
	for (size_t i = 0; i < COUNT(ends_of_line); i++)
		assert_int_equal(ends(check_line, valid_and(ends_of_line[i])),
				 RETURNED);
	for (size_t i = COUNT(words); i > 0; i--) {
		strcat(reversed, words[i - 1]);
		strcat(reversed, i % 2 ? "\t" : "  ");
	}
	assert_int_equal(ends(check_line, reversed), RETURNED);
	assert_string_equal(log_text, "");
}

static void check_refused(char *text, const char *why, const char *word)
{
	char expected[256];

	assert_int_equal(ends(check_line, text), POWERED_OFF);
	snprintf(expected, sizeof(expected),
		 "fatal: command line: %s word %s\n", why, word);
	assert_string_equal(message(), expected);
}

static void test_missing(void **state)
{
	char empty[] = "", blank[] = " \n";

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		check_refused(line_with(i, NULL, ""), "missing",
			      i ? words[i] : "dm-mod.create=");
	check_refused(empty, "missing", "dm-mod.create=");
	check_refused(blank, "missing", "dm-mod.create=");
}

static void test_duplicate(void **state)
{
	char more[128];

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		snprintf(more, sizeof(more), " %s", words[i]);
		check_refused(valid_and(more), "duplicate", words[i]);
	}
	/* The same key with another value is a duplicate as well. */
	check_refused(valid_and(" dm-mod.create="), "duplicate",
		      "dm-mod.create=");
}

static void test_other_words(void **state)
{
	static const struct {
		const char *word, *why;
	} rows[] = {
		{"foo", "unknown"},
		{"--", "unknown"},
		{"quiet", "unknown"},
		{"=", "unknown"},
		{"\"", "unknown"},
		{"\"ro\"", "unknown"},
		{"roo", "unknown"},
		{"ro=", "unknown"},
		{"RO", "unknown"},
		{"hpetdisable", "unknown"},
		{"random.trust-bootloader=off", "denied"},
		{"page_alloc.shuffle=0", "unknown"},
		{"page_alloc.shuffle=11", "unknown"},
		{"init=/bin/sh", "denied"},
		{"rdinit=/bin/sh", "denied"},
		{"rw", "denied"},
		{"root=/dev/dm-01", "denied"},
		{"root=/dev/vda", "denied"},
		{"rootfstype=ext4", "denied"},
		{"rootwait", "denied"},
		{"dm-mod.creat=x", "denied"},
		{"dm-mod.create", "denied"},
		{"dm-mod.waitfor=/dev/vda", "denied"},
		{"dm_mod.create=x", "denied"},
		{"random.trust_cpu=off", "denied"},
		{"tsc=unstable", "denied"},
		{"console=ttyS0", "denied"},
		{"lockdown=none", "denied"},
		{"sysctl.kernel.x=1", "denied"},
		{"acpi=off", "denied"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static const char *const blanks[] = {" ", "\t", "\n", "\v"};

		for (size_t b = 0; b < COUNT(blanks); b++) {
			char more[64];

			snprintf(more, sizeof(more), "%s%s", blanks[b],
				 rows[i].word);
			check_refused(valid_and(more), rows[i].why,
				      rows[i].word);
		}
	}
}

/* In place of the word that it resembles, so that it is no duplicate. */
static void test_instead(void **state)
{
	(void)state;
	check_refused(line_with(1, "root=/dev/dm-1", ""), "denied",
		      "root=/dev/dm-1");
	check_refused(line_with(3, "rw", ""), "denied", "rw");
	check_refused(line_with(6, "tsc=reliable,x", ""), "denied",
		      "tsc=reliable,x");
}

/* Blanks inside quotes belong to the word, as in the kernel. */
static void test_quotes(void **state)
{
	(void)state;
	check_refused(valid_and(" a\"b c\"d"), "unknown", "a\"b c\"d");
	check_refused(valid_and(" foo=\"x init=/bin/sh"), "unknown",
		      "foo=\"x init=/bin/sh");
	assert_int_equal(
		ends(check_line,
		     line_with(0, "dm-mod.create=\"a init=/x b\"", "")),
		RETURNED);
	/* An open quote swallows all words after it. */
	assert_int_equal(
		ends(check_line, line_with(0, "dm-mod.create=\"a", "")),
		POWERED_OFF);
	assert_non_null(strstr(message(), "missing word root="));
}

/* The kernel takes the byte 0xa0 for a blank too. */
static void test_no_break_space(void **state)
{
	(void)state;
	assert_int_equal(ends(check_line, valid_and("\xa0init=/bin/sh")),
			 POWERED_OFF);
	assert_int_equal(ends(check_line, valid_and(" \xa0init=/bin/sh")),
			 POWERED_OFF);
}

static void test_long_word(void **state)
{
	char more[512], word[80];

	(void)state;
	memset(more, 'x', sizeof(more));
	more[0] = ' ';
	more[sizeof(more) - 1] = '\0';
	memset(word, 'x', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	check_refused(valid_and(more), "unknown", word);
}

static void test_unreadable(void **state)
{
	char longest[CMDLINE_MAX + 2];

	(void)state;
	line_errno = EIO;
	assert_dies(read_line, line_buf,
		    "read /proc/cmdline: "
		    "Input/output error");
	line_errno = 0;
	memset(longest, ' ', sizeof(longest));
	longest[CMDLINE_MAX] = '\0';
	assert_int_equal(ends(read_line, longest), RETURNED);
	longest[CMDLINE_MAX] = ' ';
	longest[CMDLINE_MAX + 1] = '\0';
	assert_dies(read_line, longest, "read /proc/cmdline: File too large");
}

static void test_values(void **state)
{
	static const struct {
		const char *line, *name, *value;
	} rows[] = {
		{"a=1 b=2", "b", "2"},
		{"a=1 b=2", "c", NULL},
		{"", "a", NULL},
		{"a", "a", NULL},
		{"a=", "a", ""},
		{"ab=1 a=2", "a", "2"},
		{"a=1 a=2", "a", "1"},
		{"x=\"a=3\" a=4", "a", "4"},
		{"x=\"y a=3\" a=4", "a", "4"},
		{"a=\"1 2\t3\n4\"", "a", "1 2\t3\n4"},
		{"a=1\"2 3\"4", "a", "12 34"},
		{"a=\"1 2", "a", "1 2"},
		{"\ta=1\nb=2\n", "b", "2"},
		{"a=1=2", "a", "1=2"},
		{"A=1", "a", NULL},
		{"dm-mod.create=\"v\"\n", "dm-mod.create", "v"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char copy[128];
		const char *got;

		snprintf(copy, sizeof(copy), "%s", rows[i].line);
		assert_int_equal(ends(read_line, copy), RETURNED);
		got = cmdline_value(rows[i].name);
		if (!got != !rows[i].value ||
		    (got && strcmp(got, rows[i].value) != 0))
			fail_msg("%s of %s is %s, not %s", rows[i].name,
				 rows[i].line, got, rows[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_other_words),
		cmocka_unit_test(test_instead),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_no_break_space),
		cmocka_unit_test(test_long_word),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests_name("init/cmdline", tests, NULL, NULL);
}
