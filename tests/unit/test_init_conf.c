/* SPDX-License-Identifier: Apache-2.0 */
/* test_init_conf.c: /.mote/config: valid, malformed in each way, mutated. */
#include <errno.h>
#include <stdio.h>

#include "test_init.h"
/* The file itself: a load begins with empty variables. */
#include "../../init/conf.c"

static char file[CONF_MAX + 2];
static size_t file_len;
static int file_errno; /* why the file cannot be read, or 0 */
static const struct conf *loaded;

ssize_t __wrap_read_file(const char *path, char *buf, size_t size);

ssize_t __wrap_read_file(const char *path, char *buf, size_t size)
{
	assert_string_equal(path, "/.mote/config");
	if (file_errno || file_len > size - 1) {
		errno = file_errno ? file_errno : EFBIG;
		return -1;
	}
	memcpy(buf, file, file_len);
	buf[file_len] = '\0';
	return (ssize_t)file_len;
}

static void load(void *arg)
{
	(void)arg;
	loaded = conf_load();
}

static enum end load_file(void)
{
	size_t used = conf.nr_services + 1;

	/* Only what the last load can have touched: this runs often. */
	if (used > CONF_MAX_SERVICES)
		used = CONF_MAX_SERVICES;
	memset(conf.services, 0, used * sizeof(conf.services[0]));
	memset(&conf, 0, offsetof(struct conf, services));
	conf.nr_services = 0;
	loaded = NULL;
	return ends(load, NULL);
}

/* Appends a string that ends with a NUL. */
static void add(const char *s)
{
	memcpy(file + file_len, s, strlen(s) + 1);
	file_len += strlen(s) + 1;
}

/* Words separated by blanks become strings; "_" is the empty string. */
static void add_words(const char *words)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		add(strcmp(w, "_") == 0 ? "" : w);
}

static void start(const char *words)
{
	file_len = 0;
	file_errno = 0;
	add_words(words);
}

#define MINIMAL "mote-config-1 service app arg /bin/app end"
#define COMPLETE                                                               \
	"mote-config-1 hostname h output 0 grace 1500 sysctl net/core/a 1 "    \
	"sysctl vm/b 2 addr4 0a00020f 24 gw4 0a000202 "                        \
	"addr6 fec0000000000000000000000000000f 64 "                           \
	"gw6 fec00000000000000000000000000002 tmpfs /data 4096 0755 1 2 "      \
	"service log user 5 6 group 7 group 8 cwd /log "                       \
	"caps 000000ffffffffff rlimit 7 1024 18446744073709551615 "            \
	"restart 2 250 3 ready /run/log 9000 arg /bin/log arg _ arg -v "       \
	"env A=1 env B= service app arg /bin/app end"

static void test_minimal(void **state)
{
	const struct conf_service *s;

	(void)state;
	start(MINIMAL);
	assert_int_equal(load_file(), RETURNED);
	s = &loaded->services[0];
	assert_int_equal(loaded->nr_services, 1);
	assert_string_equal(s->name, "app");
	assert_string_equal(s->argv[0], "/bin/app");
	assert_null(s->argv[1]);
	assert_null(s->envp[0]);
	assert_null(s->cwd);
	assert_null(s->ready);
	assert_null(loaded->hostname);
	assert_null(loaded->v4.addr);
	assert_true(s->uid == 0 && s->gid == 0 && s->caps == 0);
	assert_true(loaded->output == 1 && loaded->grace_ms == 10000);
}

static void check_first_service(const struct conf_service *s)
{
	assert_string_equal(s->name, "log");
	assert_true(s->uid == 5 && s->gid == 6);
	assert_int_equal(s->nr_groups, 2);
	assert_int_equal(s->groups[1], 8);
	assert_string_equal(s->cwd, "/log");
	assert_true(s->caps == 0xffffffffffULL);
	assert_int_equal(s->nr_rlimits, 1);
	assert_true(s->rlimits[0].resource == 7 && s->rlimits[0].soft == 1024 &&
		    s->rlimits[0].hard == UINT64_MAX);
	assert_true(s->restart == RESTART_ALWAYS && s->delay_ms == 250 &&
		    s->tries == 3);
	assert_string_equal(s->ready, "/run/log");
	assert_true(s->ready_ms == 9000);
	assert_int_equal(s->nr_args, 3);
	assert_string_equal(s->argv[1], "");
	assert_null(s->argv[3]);
	assert_string_equal(s->envp[1], "B=");
	assert_null(s->envp[2]);
}

static void test_complete(void **state)
{
	(void)state;
	start(COMPLETE);
	assert_int_equal(load_file(), RETURNED);
	assert_string_equal(loaded->hostname, "h");
	assert_true(loaded->output == 0 && loaded->grace_ms == 1500);
	assert_int_equal(loaded->nr_sysctls, 2);
	assert_string_equal(loaded->sysctls[1][0], "vm/b");
	assert_string_equal(loaded->sysctls[1][1], "2");
	assert_string_equal(loaded->v4.prefix, "24");
	assert_string_equal(loaded->v4.gateway, "0a000202");
	assert_string_equal(loaded->v6.prefix, "64");
	assert_string_equal(loaded->tmpfs[0].path, "/data");
	assert_string_equal(loaded->tmpfs[0].gid, "2");
	assert_int_equal(loaded->nr_services, 2);
	check_first_service(&loaded->services[0]);
	assert_string_equal(loaded->services[1].name, "app");
}

#define S "mote-config-1 service a arg /b "

/* What is refused, and the log line after "fatal: /.mote/config: record ". */
static const struct {
	const char *words, *message;
} refused[] = {
	{"", "first: not complete"},
	{"_", "first: not mote-config-1"},
	{"mote-config-2 service a arg /b end", "first: not mote-config-1"},
	{"MOTE-CONFIG-1 service a arg /b end", "first: not mote-config-1"},
	{"mote-config-1", "first: not complete"},
	{"mote-config-1 end", "end: no service"},
	{"mote-config-1 service a end",
	 "end: a service without an absolute program"},
	{"mote-config-1 service a arg b end",
	 "end: a service without an absolute program"},
	{"mote-config-1 service a arg _ end",
	 "end: a service without an absolute program"},
	{S "service b end", "end: a service without an absolute program"},
	{S "end end", "end: bytes after it"},
	{S "end _", "end: bytes after it"},
	{S "End", "End: unknown"},
	{S "nonsense 1 end", "nonsense: unknown"},
	{S "_ end", ": unknown"},
	{"mote-config-1 arg /b end", "arg: unknown before the first service"},
	{"mote-config-1 user 1 1 end",
	 "user: unknown before the first service"},
	{"mote-config-1 nonsense end",
	 "nonsense: unknown before the first service"},
	{S "user 1", "user: not complete"},
	{S "user 1 x end", "user: not a number or too large"},
	{S "user -1 1 end", "user: not a number or too large"},
	{S "user +1 1 end", "user: not a number or too large"},
	{S "user _ 1 end", "user: not a number or too large"},
	{S "user 1\t 1 end", "user: not a number or too large"},
	{S "user 0x1 1 end", "user: not a number or too large"},
	{S "user 18446744073709551616 1 end",
	 "user: not a number or too large"},
	{S "user 99999999999999999999999999 1 end",
	 "user: not a number or too large"},
	{S "group 1.0 end", "group: not a number or too large"},
	{S "caps 10000000000000000 end", "caps: not a number or too large"},
	{S "caps 000000000000000F end", "caps: not a number or too large"},
	{S "caps 0x00000000000000 end", "caps: not a number or too large"},
	{S "rlimit 7 1 end", "rlimit: not a number or too large"},
	{S "restart always 1 1 end", "restart: not a number or too large"},
	{S "ready /r soon end", "ready: not a number or too large"},
	{S "output yes end", "output: not a number or too large"},
	{S "grace 1s end", "grace: not a number or too large"},
};

static void check_message(const char *words, const char *expected)
{
	char line[256];

	snprintf(line, sizeof(line), "fatal: /.mote/config: record %s\n",
		 expected);
	if (strcmp(message(), line) != 0)
		fail_msg("%s: %s, not %s", words, message(), line);
}

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		start(refused[i].words);
		assert_int_equal(load_file(), POWERED_OFF);
		check_message(refused[i].words, refused[i].message);
	}
}

static void test_unreadable(void **state)
{
	(void)state;
	start(MINIMAL);
	file_errno = ENOENT;
	assert_int_equal(load_file(), POWERED_OFF);
	assert_string_equal(message(), "fatal: read /.mote/config: "
				       "No such file or directory\n");
	file_errno = 0;
}

/* A service's value that the kernel would cut to 32 bits could become 0. */
static void test_numbers_of_the_kernel(void **state)
{
	static const char *const words[] = {
		S "user 4294967296 1 end", S "user 1 4294967296 end",
		S "user 4294967295 1 end", S "group 4294967296 end",
		S "grace 3600001 end",	   S "output 2 end",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		start(words[i]);
		if (load_file() != POWERED_OFF)
			fail_msg("accepted: %s", words[i]);
	}
}

/* Exactly the maximum is accepted, one more is not. */
static void test_counts(void **state)
{
	static const struct {
		const char *record;
		size_t max;
	} repeated[] = {
		{"arg x", CONF_MAX_STRINGS - 1}, /* the program is one */
		{"env A=1", CONF_MAX_STRINGS},
		{"group 1", CONF_MAX_GROUPS},
		{"rlimit 1 2 3", CONF_MAX_RLIMITS},
		{"sysctl a 1", CONF_MAX_SYSCTLS},
		{"tmpfs /a 1 1 1 1", CONF_MAX_TMPFS},
		{"service s arg /s", CONF_MAX_SERVICES - 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(repeated); i++)
		for (size_t over = 0; over <= 1; over++) {
			const char *record = repeated[i].record;
			char expected[64];

			start("mote-config-1 service a arg /b");
			for (size_t n = 0; n < repeated[i].max + over; n++)
				add_words(record);
			add("end");
			if (!over) {
				assert_int_equal(load_file(), RETURNED);
				continue;
			}
			assert_int_equal(load_file(), POWERED_OFF);
			snprintf(expected, sizeof(expected),
				 "%.*s: too many of them",
				 (int)strcspn(record, " "), record);
			check_message(record, expected);
		}
}

static void test_size(void **state)
{
	(void)state;
	for (size_t over = 0; over <= 1; over++) {
		size_t whole = CONF_MAX + over;

		start("mote-config-1 service a arg /b env");
		memset(file + file_len, 'A', whole - file_len);
		file_len = whole - strlen("end") - 2;
		file[file_len++] = '\0';
		add("end");
		assert_int_equal(file_len, whole);
		assert_int_equal(load_file(), over ? POWERED_OFF : RETURNED);
	}
	assert_string_equal(message(), "fatal: read /.mote/config: "
				       "File too large\n");
}

/* Every shorter file, with and without a last NUL, is refused. */
static void test_truncated(void **state)
{
	size_t whole;

	(void)state;
	start(COMPLETE);
	whole = file_len;
	for (size_t n = 0; n < whole; n++) {
		start(COMPLETE);
		file_len = n;
		assert_int_equal(load_file(), POWERED_OFF);
		file[n] = '\0';
		file_len = n + 1;
		if (file_len < whole)
			assert_int_equal(load_file(), POWERED_OFF);
	}
}

static void inside(const char *s)
{
	assert_true(s >= text && s < text + file_len);
	assert_true(s + strlen(s) < text + file_len);
}

/* What init relies on when a configuration was accepted. */
static void check_promises(void)
{
	assert_true(loaded->nr_services > 0 &&
		    loaded->nr_services <= CONF_MAX_SERVICES);
	for (size_t i = 0; i < loaded->nr_services; i++) {
		const struct conf_service *s = &loaded->services[i];

		inside(s->name);
		assert_int_equal(s->argv[0][0], '/');
		assert_null(s->argv[s->nr_args]);
		assert_null(s->envp[s->nr_envs]);
		for (size_t a = 0; a < s->nr_args; a++)
			inside(s->argv[a]);
		for (size_t a = 0; a < s->nr_envs; a++)
			inside(s->envp[a]);
		if (s->cwd)
			inside(s->cwd);
		if (s->ready)
			inside(s->ready);
	}
	for (size_t i = 0; i < loaded->nr_tmpfs; i++)
		inside(loaded->tmpfs[i].gid);
	for (size_t i = 0; i < loaded->nr_sysctls; i++)
		inside(loaded->sysctls[i][1]);
}

/* Every byte takes every other value: no crash, and all promises kept. */
static void test_mutated(void **state)
{
	size_t accepted = 0;

	(void)state;
	start(COMPLETE);
	for (size_t i = 0; i < file_len; i++) {
		char was = file[i];

		for (int v = 1; v < 256; v++) {
			enum end end;

			file[i] = (char)(was ^ v);
			end = load_file();
			assert_true(end == RETURNED || end == POWERED_OFF);
			if (end == RETURNED) {
				accepted++;
				check_promises();
			} else {
				assert_memory_equal(message(), "fatal: ", 7);
			}
		}
		file[i] = was;
	}
	/* Values of strings are free, so some must pass, but keys are not. */
	assert_true(accepted > 255 && accepted < 255 * file_len * 2 / 3);
}

static void test_number(void **state)
{
	static const struct {
		const char *s;
		unsigned int base;
		uint64_t max;
		bool ok;
		uint64_t value;
	} rows[] = {
		{"0", 10, 0, true, 0},
		{"1", 10, 0, false, 0},
		{"5", 10, 5, true, 5},
		{"6", 10, 5, false, 0},
		{"9", 10, 5, false, 0},
		{"32", 10, 32, true, 32},
		{"33", 10, 32, false, 0},
		{"320", 10, 32, false, 0},
		{"007", 10, 9, true, 7},
		{"1777", 8, 07777, true, 01777},
		{"8", 8, 07777, false, 0},
		{"10000", 8, 07777, false, 0},
		{"18446744073709551615", 10, UINT64_MAX, true, UINT64_MAX},
		{"18446744073709551616", 10, UINT64_MAX, false, 0},
		{"", 10, UINT64_MAX, false, 0},
		{" 1", 10, UINT64_MAX, false, 0},
		{"1 ", 10, UINT64_MAX, false, 0},
		{"-1", 10, UINT64_MAX, false, 0},
		{"1/", 10, UINT64_MAX, false, 0},
		{"1:", 10, UINT64_MAX, false, 0},
		{"\xb1", 10, UINT64_MAX, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t v = 99;

		if (conf_number(rows[i].s, rows[i].base, rows[i].max, &v) !=
		    rows[i].ok)
			fail_msg("\"%s\" with maximum %ju is %s", rows[i].s,
				 (uintmax_t)rows[i].max,
				 rows[i].ok ? "refused" : "accepted");
		assert_true(!rows[i].ok || v == rows[i].value);
	}
}

static void test_hex(void **state)
{
	static const char *const bad[] = {"",	   "0",	   "00",     "000",
					  "00000", "000g", "00 0",   "00A0",
					  "0x00",  "-000", "\xffzzz"};
	uint8_t b[2] = {0xff, 0xff};

	(void)state;
	assert_true(conf_hex("a09f", b, 2));
	assert_true(b[0] == 0xa0 && b[1] == 0x9f);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (conf_hex(bad[i], b, 2))
			fail_msg("accepted: \"%s\"", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minimal),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_numbers_of_the_kernel),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_mutated),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests_name("init/conf", tests, NULL, NULL);
}
