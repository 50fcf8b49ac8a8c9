/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_kernel.c: setup headers and kinds of kernels. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { SETUP = 2048, CODE = 4096, SIZE = SETUP + CODE };

static uint8_t file[SIZE];

static void put(size_t off, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		file[off + i] = (uint8_t)(v >> 8 * i);
}

/* A PE program without sections. */
static void put_pe(void)
{
	memcpy(file, "MZ", 2);
	put(0x3c, 0x40, 4);
	memcpy(file + 0x40, "PE\0", 4);
	put(0x44, 0x8664, 2);
	put(0x40 + 20, 112, 2);
	put(0x58, 0x20b, 2);
	put(0x58 + 60, SETUP, 4);
}

static void begin(void)
{
	memset(file, 0, sizeof(file));
	put(0x1f1, 3, 1);
	put(0x1f4, CODE / 16, 4);
	put(0x1fe, 0xaa55, 2);
	put(0x200, 0x6aeb, 2);
	memcpy(file + 0x202, "HdrS", 4);
	put(0x206, 0x20f, 2);
	put(0x20e, 0x100, 2);
	put(0x211, 1, 1);
	put(0x22c, 0x7fffffff, 4);
	put(0x236, 0x63, 2);
	put(0x238, 2047, 4);
	put(0x248, 0x200, 4);
	put(0x24c, 0x400, 4);
	put(0x258, 0x123456789abc, 8);
	put(0x260, 0x200000, 4);
	memcpy(file + 0x300, "7.0.1 (a@b) #1", 15);
}

static int parse_bytes(size_t n, struct kernel *k, struct err *e)
{
	uint8_t *copy = malloc(n ? n : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, file, n);
	e->msg[0] = '\0';
	rc = kernel_parse(copy, n, k, e);
	free(copy);
	return rc;
}

static struct kernel parse(void)
{
	struct kernel k;
	struct err e;

	if (parse_bytes(SIZE, &k, &e))
		fail_msg("%s", e.msg);
	return k;
}

static void test_values(void **state)
{
	struct kernel k;

	(void)state;
	begin();
	k = parse();
	assert_int_equal(k.protocol, 0x20f);
	assert_int_equal(k.setup_sects, 3);
	assert_int_equal(k.setup_size, SETUP);
	assert_int_equal(k.code_size, CODE);
	assert_int_equal(k.header_end, 0x26c);
	assert_int_equal(k.loadflags, KERNEL_LOADED_HIGH);
	assert_int_equal(k.xloadflags, 0x63);
	assert_int_equal(k.initrd_addr_max, 0x7fffffff);
	assert_int_equal(k.cmdline_size, 2047);
	assert_int_equal(k.init_size, 0x200000);
	assert_int_equal(k.payload_offset, 0x200);
	assert_int_equal(k.payload_length, 0x400);
	assert_true(k.pref_address == 0x123456789abc);
	assert_string_equal(k.version, "7.0.1 (a@b) #1");
	assert_false(k.has_efi_stub);
	put_pe();
	assert_true(parse().has_efi_stub);
}

/* One field is changed; the message, or NULL if it is no fault. */
static const struct {
	size_t off;
	uint64_t value;
	size_t bytes;
	int rc;
	const char *message;
} rows[] = {
	{0x1fe, 0xaa54, 2, RC_FORMAT,
	 "no bzImage: no 0xaa55 at 0x1fe with HdrS at 0x202"},
	{0x202, 'h', 1, RC_FORMAT,
	 "no bzImage: no 0xaa55 at 0x1fe with HdrS at 0x202"},
	{0x206, 0x1ff, 2, RC_UNSUPPORTED, "boot protocol 1.255 is not 2.x"},
	{0x206, 0x200, 2, RC_OK, NULL},
	{0x206, 0x2ff, 2, RC_OK, NULL},
	{0x206, 0x300, 2, RC_UNSUPPORTED, "boot protocol 3.00 is not 2.x"},
	{0x201, 0x69, 1, RC_FORMAT,
	 "setup header ends at 0x26b, protocol 2.15 needs 0x26c"},
	{0x201, 0, 1, RC_FORMAT,
	 "setup header ends at 0x202, protocol 2.15 needs 0x26c"},
	{0x201, 0xff, 1, RC_OK, NULL},
	/* 0 means 4, and then the code is too short */
	{0x1f1, 0, 1, RC_FORMAT,
	 "cut off: 4096 bytes of code, but 3584 behind the setup"},
	{0x1f1, 1, 1, RC_OK, NULL},
	{0x1f1, 12, 1, RC_FORMAT,
	 "setup of 6656 bytes is longer than the file of 6144"},
	{0x1f4, CODE / 16 + 1, 4, RC_FORMAT,
	 "cut off: 4112 bytes of code, but 4096 behind the setup"},
	{0x1f4, 0xffffffff, 4, RC_FORMAT,
	 "cut off: 68719476720 bytes of code, but 4096 behind the setup"},
	{0x1f4, 0, 4, RC_OK, NULL},
	{0x248, CODE - 0x400, 4, RC_OK, NULL},
	{0x248, CODE - 0x3ff, 4, RC_FORMAT,
	 "payload of 1024 bytes at 0xc01 ends behind the code of 4096 bytes"},
	{0x24c, 0xffffffff, 4, RC_FORMAT,
	 "payload of 4294967295 bytes at 0x200 ends behind the code of 4096 "
	 "bytes"},
	{0x20e, 0, 2, RC_OK, NULL},
	{0x20e, SETUP - 0x201, 2, RC_OK, NULL},
	{0x20e, SETUP - 0x200, 2, RC_FORMAT,
	 "kernel version at 0x800 does not end within 0 bytes"},
	{0x20e, SETUP - 0x1ff, 2, RC_FORMAT,
	 "kernel version at 0x801 is outside of the setup of 0x800 bytes"},
	{0x20e, 0xffff, 2, RC_FORMAT,
	 "kernel version at 0x101ff is outside of the setup of 0x800 bytes"},
};

static void test_fields(void **state)
{
	struct kernel k;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int rc;

		begin();
		put(rows[i].off, rows[i].value, rows[i].bytes);
		rc = parse_bytes(SIZE, &k, &e);
		assert_string_equal(e.msg,
				    rows[i].message ? rows[i].message : "");
		assert_int_equal(rc, rows[i].rc);
	}
}

/* The longest header in the shortest setup. */
static void test_longest_header(void **state)
{
	struct kernel k;

	(void)state;
	begin();
	put(0x1f1, 1, 1);
	put(0x201, 0xff, 1);
	k = parse();
	assert_int_equal(k.header_end, 0x301);
	assert_int_equal(k.setup_size, 1024);
}

/* What a version does not have is zero, whatever stands there. */
static void test_versions(void **state)
{
	static const struct {
		uint16_t version;
		uint8_t end; /* of the header, from 0x200 */
		bool initrd, cmdline, payload, pref, xload;
	} v[] = {
		{0x200, 0x24, 0, 0, 0, 0, 0}, {0x201, 0x26, 0, 0, 0, 0, 0},
		{0x202, 0x2c, 0, 0, 0, 0, 0}, {0x203, 0x30, 1, 0, 0, 0, 0},
		{0x204, 0x30, 1, 0, 0, 0, 0}, {0x205, 0x35, 1, 0, 0, 0, 0},
		{0x206, 0x3c, 1, 1, 0, 0, 0}, {0x207, 0x48, 1, 1, 0, 0, 0},
		{0x208, 0x50, 1, 1, 1, 0, 0}, {0x209, 0x58, 1, 1, 1, 0, 0},
		{0x20a, 0x64, 1, 1, 1, 1, 0}, {0x20b, 0x68, 1, 1, 1, 1, 0},
		{0x20c, 0x68, 1, 1, 1, 1, 1}, {0x20e, 0x68, 1, 1, 1, 1, 1},
		{0x20f, 0x6c, 1, 1, 1, 1, 1}, {0x210, 0x6c, 1, 1, 1, 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct kernel k;
		struct err e;

		begin();
		put(0x206, v[i].version, 2);
		put(0x201, v[i].end - 2U, 1);
		k = parse();
		assert_int_equal(k.initrd_addr_max != 0, v[i].initrd);
		assert_int_equal(k.cmdline_size != 0, v[i].cmdline);
		assert_int_equal(k.payload_length != 0, v[i].payload);
		assert_int_equal(k.payload_offset != 0, v[i].payload);
		assert_int_equal(k.pref_address != 0, v[i].pref);
		assert_int_equal(k.init_size != 0, v[i].pref);
		assert_int_equal(k.xloadflags != 0, v[i].xload);
		put(0x201, v[i].end - 3U, 1);
		assert_int_equal(parse_bytes(SIZE, &k, &e), RC_FORMAT);
	}
}

/* Before 2.04 syssize has two bytes. */
static void test_short_syssize(void **state)
{
	(void)state;
	begin();
	put(0x1f4, 0x10000 + CODE / 16, 4);
	put(0x206, 0x203, 2);
	assert_int_equal(parse().code_size, CODE);
}

static void test_version_text(void **state)
{
	struct kernel k;
	struct err e;

	(void)state;
	begin();
	memcpy(file + 0x300, "\x1b[2J\xc3\xa4\x7f~ \0", 10);
	assert_string_equal(parse().version, "?[2J???~ ");
	memset(file + 0x300, 'a', KERNEL_MAX_VERSION - 1);
	assert_int_equal(strlen(parse().version), KERNEL_MAX_VERSION - 1);
	file[0x300 + KERNEL_MAX_VERSION - 1] = 'a';
	assert_int_equal(parse_bytes(SIZE, &k, &e), RC_FORMAT);
	assert_string_equal(
		e.msg, "kernel version at 0x300 does not end within 256 bytes");
}

/* Every length: the memory behind it is never read. */
static void test_lengths(void **state)
{
	struct kernel k;
	struct err e;

	(void)state;
	begin();
	put_pe();
	for (size_t n = 0; n < SIZE; n++) {
		uint8_t *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, file, n);
		assert_int_equal(parse_bytes(n, &k, &e), RC_FORMAT);
		assert_int_equal(kernel_kind(copy, n),
				 n == 0	      ? KERNEL_EMPTY
				 : n >= 0x206 ? KERNEL_BZIMAGE
				 : n >= 0x44  ? KERNEL_PE
					      : KERNEL_OTHER);
		if (n < SETUP)
			assert_non_null(kernel_hash_warning(copy, n));
		free(copy);
	}
}

static void clear(void)
{
	memset(file, 0, sizeof(file));
}

static void test_kinds(void **state)
{
	(void)state;
	clear();
	assert_int_equal(kernel_kind(file, 0), KERNEL_EMPTY);
	assert_int_equal(kernel_kind(file, 1), KERNEL_OTHER);
	assert_int_equal(kernel_kind(file, SIZE), KERNEL_OTHER);
	memcpy(file, "\177ELF", 4);
	assert_int_equal(kernel_kind(file, SIZE), KERNEL_ELF);
	put(64, 0x1badb002, 4);
	put(68, 3, 4);
	put(72, 0xe4524ffb, 4);
	assert_int_equal(kernel_kind(file, SIZE), KERNEL_MULTIBOOT);
	put(72, 0xe4524ffc, 4);
	assert_int_equal(kernel_kind(file, SIZE), KERNEL_ELF);
	clear();
	put_pe();
	assert_int_equal(kernel_kind(file, SIZE), KERNEL_PE);
	put(0x3c, SIZE - 3, 4);
	assert_int_equal(kernel_kind(file, SIZE), KERNEL_OTHER);
	put(0x3c, 0xffffffff, 4);
	assert_int_equal(kernel_kind(file, SIZE), KERNEL_OTHER);
	begin();
	assert_int_equal(kernel_kind(file, SIZE), KERNEL_BZIMAGE);
}

/* A multiboot header counts in the first 8 KiB, on a multiple of 4. */
static void test_multiboot_place(void **state)
{
	static const struct {
		size_t off;
		enum kernel_kind kind;
	} places[] = {
		{0, KERNEL_MULTIBOOT},	  {2, KERNEL_OTHER},
		{8140, KERNEL_MULTIBOOT}, {8144, KERNEL_OTHER},
		{8192, KERNEL_OTHER},
	};
	uint8_t big[9000];

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		memset(big, 0, sizeof(big));
		memcpy(big + places[i].off,
		       "\x02\xb0\xad\x1b\0\0\0\0\xfe\x4f\x52\xe4", 12);
		assert_int_equal(kernel_kind(big, sizeof(big)), places[i].kind);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(kernel_kind_name(KERNEL_BZIMAGE), "bzImage");
	assert_string_equal(kernel_kind_name(KERNEL_PE), "PE");
	assert_string_equal(kernel_kind_name(KERNEL_MULTIBOOT), "multiboot");
	assert_string_equal(kernel_kind_name(KERNEL_ELF), "ELF");
	assert_string_equal(kernel_kind_name(KERNEL_EMPTY), "empty");
	assert_string_equal(kernel_kind_name(KERNEL_OTHER), "other");
}

static void warns(size_t n, const char *want)
{
	const char *got = kernel_hash_warning(file, n);

	if (want)
		assert_string_equal(got ? got : "nothing", want);
	else
		assert_null(got);
}

static void test_warnings(void **state)
{
	(void)state;
	begin();
	put_pe();
	warns(SIZE, NULL);
	warns(SETUP, NULL);
	warns(SETUP - 1, "the kernel is shorter than its setup: QEMU does not "
			 "start with it");
	warns(0, "the kernel file is empty: QEMU does not start with it");
	put(0x44, 0xaa64, 2);
	warns(SIZE, "the kernel is for another machine than x86-64");
	put(0x58, 0x20c, 2);
	warns(SIZE, "the kernel's PE headers are malformed: firmware cannot "
		    "start it");
	begin();
	warns(SIZE, "the kernel has no EFI stub: firmware cannot start it");
	clear();
	warns(SIZE, "the kernel is neither a bzImage nor a PE program: "
		    "firmware cannot start it");
	put_pe();
	warns(SIZE, NULL);
	put(0x1f1, 12, 1);
	warns(SIZE, "the kernel is shorter than its setup: QEMU does not "
		    "start with it");
	clear();
	memcpy(file, "\177ELF", 4);
	warns(SIZE, "the kernel is an ELF file: QEMU adds no hash table for "
		    "it");
	memcpy(file, "\x02\xb0\xad\x1b\0\0\0\0\xfe\x4f\x52\xe4", 12);
	warns(SIZE, "the kernel is a multiboot file: QEMU adds no hash table "
		    "for it");
}

static void test_mutations(void **state)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	struct kernel k;
	struct err e;

	(void)state;
	begin();
	for (size_t i = 0x1f0; i < 0x310; i++) {
		uint8_t was = file[i];

		for (size_t v = 0; v < COUNT(values); v++) {
			int rc;

			file[i] = values[v];
			rc = parse_bytes(SIZE, &k, &e);
			assert_true((rc == RC_OK) == (e.msg[0] == '\0'));
		}
		file[i] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_longest_header),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_short_syssize),
		cmocka_unit_test(test_version_text),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_multiboot_place),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests_name("measure/kernel", tests, NULL, NULL);
}
