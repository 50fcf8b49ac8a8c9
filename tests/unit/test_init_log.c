/* SPDX-License-Identifier: Apache-2.0 */
/* test_init_log.c: lines of the log, and the one way to fail. */
#include <errno.h>
#include <stdio.h>

#include "test_init.h"
#include "log.h"

static void no_such_file(void *arg)
{
	errno = ENOENT;
	die("open", arg);
}

static void in_words(void *arg)
{
	die_msg("root", arg);
}

static void test_die(void **state)
{
	char object[] = "/x\n\x1b[2Jforged\xff", reason[] = "no";
	char longest[2000];

	(void)state;
	assert_dies(no_such_file, object,
		    "open /x??[2Jforged?: No such file or directory");
	assert_dies(in_words, reason, "root: no");

	/* A long line is cut, and still is one line. */
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(ends(no_such_file, longest), POWERED_OFF);
	assert_int_equal(log_len, 512);
	assert_ptr_equal(strchr(log_text, '\n'), log_text + 511);
}

/* A kernel that cannot power off panics when process 1 exits. */
static void test_power_off_fails(void **state)
{
	char reason[] = "no";

	(void)state;
	reboot_fails = true;
	exit_code = -1;
	assert_int_equal(ends(in_words, reason), EXITED);
	assert_int_equal(exit_code, 1);
	reboot_fails = false;
}

static void say_words(void *arg)
{
	(void)arg;
	log_msg("a ", "b ", dec(0), " ", dec(UINT64_MAX), NULL);
}

static void test_message(void **state)
{
	unsigned int s, us;
	int n = 0;

	(void)state;
	assert_int_equal(ends(say_words, NULL), RETURNED);
	assert_string_equal(message(), "a b 0 18446744073709551615\n");
	assert_int_equal(sscanf(log_text, "mote %u.%6u: %n", &s, &us, &n), 2);
	assert_ptr_equal(log_text + n, message());
}

static void test_eight_numbers(void **state)
{
	const char *d[8];

	(void)state;
	for (uint64_t i = 0; i < 8; i++)
		d[i] = dec(i * 1000);
	assert_string_equal(d[0], "0");
	assert_string_equal(d[7], "7000");
}

static void services_speak(void *arg)
{
	(void)arg;
	log_output("a", "one\ntwo\nthr", 11);
	log_output("a", "ee\n", 3);
	log_output("b", "no newline", 10);
	log_output("a", "x\n", 2);
	log_output("b", "open", 4);
	log_msg("line of init", NULL);
	log_output("b", "", 0);
	log_output("b", "mote 1.0: poweroff code 0\n", 26);
}

/* A line of init always begins a line, and no service can make one. */
static void test_output(void **state)
{
	const char *p;

	(void)state;
	assert_int_equal(ends(services_speak, NULL), RETURNED);
	p = strstr(log_text, "mote ");
	assert_non_null(p);
	assert_ptr_equal(strstr(log_text, "\nb| open\nmote "),
			 p - strlen("\nb| open\n"));
	assert_memory_equal(log_text,
			    "a| one\na| two\na| three\nb| no newline\na| x\n",
			    strlen("a| one\na| two\na| three\nb| no newline\n"
				   "a| x\n"));
	assert_non_null(strstr(
		log_text, ": line of init\nb| mote 1.0: poweroff code 0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_die),
		cmocka_unit_test(test_power_off_fails),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_eight_numbers),
		cmocka_unit_test(test_output),
	};

	return cmocka_run_group_tests_name("init/log", tests, NULL, NULL);
}
