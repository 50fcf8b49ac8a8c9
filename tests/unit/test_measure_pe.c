/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_pe.c: PE32+ headers: valid, malformed in each way, mutated. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "pe.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Where things stand in the file that begin() makes. */
enum {
	PE = 0x40,
	OPT = PE + 24,
	DIRS = OPT + 112,
	CERT = DIRS + 8 * PE_DIR_CERTIFICATE,
	SECTIONS = DIRS + 8 * 6,
	HEADERS = 0x400,
	SIZE = 0x1000,
};

static uint8_t file[SIZE];

static void put(size_t off, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		file[off + i] = (uint8_t)(v >> 8 * i);
}

static void put_section(size_t i, const char *name, uint32_t address,
			uint32_t size, uint32_t raw_offset, uint32_t raw_size)
{
	size_t at = SECTIONS + 40 * i;

	memset(file + at, 0, 40);
	memcpy(file + at, name, strnlen(name, 8));
	put(at + 8, size, 4);
	put(at + 12, address, 4);
	put(at + 16, raw_size, 4);
	put(at + 20, raw_offset, 4);
	put(at + 36, 0x60000020, 4);
}

/* Headers, .data behind .text behind .bss in the file, certificates. */
static void begin(void)
{
	memset(file, 0, sizeof(file));
	memcpy(file, "MZ", 2);
	put(0x3c, PE, 4);
	memcpy(file + PE, "PE\0", 4);
	put(PE + 4, 0x8664, 2);
	put(PE + 6, 3, 2);
	put(PE + 8, 0x12345678, 4);
	put(PE + 20, 112 + 8 * 6, 2);
	put(PE + 22, 0x206, 2);
	put(OPT, 0x20b, 2);
	put(OPT + 16, 0x1010, 4);
	put(OPT + 24, 0x140000000, 8);
	put(OPT + 32, 0x1000, 4);
	put(OPT + 36, 0x200, 4);
	put(OPT + 56, 0x4000, 4);
	put(OPT + 60, HEADERS, 4);
	put(OPT + 64, 0xcafe, 4);
	put(OPT + 68, 10, 2);
	put(OPT + 108, 6, 4);
	put(CERT, 0xe00, 4);
	put(CERT + 4, 0x200, 4);
	put_section(0, ".data", 0x2000, 0x1000, 0x800, 0x400);
	put_section(1, ".text", 0x1000, 0x400, 0x400, 0x400);
	put_section(2, ".bss", 0x3000, 0x1000, 0, 0);
}

static int parse_bytes(size_t n, struct pe *pe, struct err *e)
{
	uint8_t *copy = malloc(n ? n : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, file, n);
	e->msg[0] = '\0';
	rc = pe_parse(copy, n, pe, e);
	free(copy);
	return rc;
}

static struct pe parse(void)
{
	struct pe pe;
	struct err e;

	if (parse_bytes(SIZE, &pe, &e))
		fail_msg("%s", e.msg);
	return pe;
}

static void test_values(void **state)
{
	struct pe pe;

	(void)state;
	begin();
	pe = parse();
	assert_int_equal(pe.size, SIZE);
	assert_int_equal(pe.machine, PE_MACHINE_X86_64);
	assert_int_equal(pe.characteristics, 0x206);
	assert_int_equal(pe.subsystem, PE_SUBSYSTEM_EFI_APPLICATION);
	assert_int_equal(pe.header_offset, PE);
	assert_int_equal(pe.timestamp, 0x12345678);
	assert_int_equal(pe.entry, 0x1010);
	assert_true(pe.image_base == 0x140000000);
	assert_int_equal(pe.section_alignment, 0x1000);
	assert_int_equal(pe.file_alignment, 0x200);
	assert_int_equal(pe.size_of_image, 0x4000);
	assert_int_equal(pe.size_of_headers, HEADERS);
	assert_int_equal(pe.checksum, 0xcafe);
	assert_int_equal(pe.checksum_offset, OPT + 64);
	assert_int_equal(pe.nr_directories, 6);
	assert_int_equal(pe.cert_entry_offset, CERT);
	assert_int_equal(pe.cert_offset, 0xe00);
	assert_int_equal(pe.cert_size, 0x200);
}

/* They are sorted by the place in the file. */
static void test_sections(void **state)
{
	struct pe pe;

	(void)state;
	begin();
	pe = parse();
	assert_int_equal(pe.nr_sections, 3);
	assert_string_equal(pe.sections[0].name, ".bss");
	assert_string_equal(pe.sections[1].name, ".text");
	assert_string_equal(pe.sections[2].name, ".data");
	assert_int_equal(pe.sections[2].virtual_address, 0x2000);
	assert_int_equal(pe.sections[2].virtual_size, 0x1000);
	assert_int_equal(pe.sections[2].raw_offset, 0x800);
	assert_int_equal(pe.sections[2].raw_size, 0x400);
	assert_int_equal(pe.sections[2].characteristics, 0x60000020);
	assert_ptr_equal(pe_section(&pe, ".text"), &pe.sections[1]);
	assert_null(pe_section(&pe, ".linux"));
	put_section(1, "12345678", 0x1000, 0x400, 0x400, 0x400);
	assert_string_equal(parse().sections[1].name, "12345678");
	put_section(1, "\x1b\xff\x7f ", 0x1000, 0x400, 0x400, 0x400);
	assert_string_equal(parse().sections[1].name, "??? ");
}

/* One field is changed. message NULL: it is no fault. */
static const struct {
	size_t off;
	uint64_t value;
	size_t bytes;
	int rc;
	const char *message;
} rows[] = {
	{0, 'm', 1, RC_FORMAT, "no PE file: no MZ at 0"},
	{0x3c, 0x3f, 4, RC_FORMAT,
	 "PE header at 0x3f is inside of the DOS header"},
	{0x3c, 0x44, 4, RC_FORMAT, "no PE header at 0x44"},
	{0x3c, SIZE - 23, 4, RC_FORMAT, "PE header at 0xfe9 is cut off"},
	{0x3c, 0xffffffff, 4, RC_FORMAT, "PE header at 0xffffffff is cut off"},
	{PE + 2, 1, 1, RC_FORMAT, "no PE header at 0x40"},
	{PE + 4, 0xaa64, 2, RC_OK, NULL},
	{PE + 6, 97, 2, RC_LIMIT, "97 sections, more than 96"},
	{PE + 6, 20, 2, RC_FORMAT,
	 "headers of 0x400 bytes are not in 0x418..0x1000"},
	{PE + 6, 0, 2, RC_OK, NULL},
	{PE + 20, 112 + 8 * 6 + 1, 2, RC_FORMAT,
	 "optional header of 161 bytes does not fit 6 data directories"},
	{PE + 20, 112 + 8 * 6 - 1, 2, RC_FORMAT,
	 "optional header of 159 bytes does not fit 6 data directories"},
	{PE + 20, 0, 2, RC_FORMAT,
	 "optional header of 0 bytes does not fit 6 data directories"},
	{OPT, 0x10b, 2, RC_UNSUPPORTED, "PE32 instead of PE32+"},
	{OPT, 0x107, 2, RC_FORMAT, "optional header: magic 0x107 is not 0x20b"},
	{OPT + 56, 0x3fff, 4, RC_FORMAT,
	 "section '.bss' ends at 0x4000 behind the image of 0x3fff bytes"},
	{OPT + 60, SECTIONS + 3 * 40 - 1, 4, RC_FORMAT,
	 "headers of 0x16f bytes are not in 0x170..0x1000"},
	{OPT + 60, SECTIONS + 3 * 40, 4, RC_OK, NULL},
	{OPT + 60, 0x401, 4, RC_FORMAT,
	 "section '.text' at 0x400 overlaps the headers of 0x401 bytes"},
	{OPT + 60, SIZE + 1, 4, RC_FORMAT,
	 "headers of 0x1001 bytes are not in 0x170..0x1000"},
	{OPT + 108, 17, 4, RC_FORMAT, "17 data directories, more than 16"},
	{OPT + 108, 0xffffffff, 4, RC_FORMAT,
	 "4294967295 data directories, more than 16"},
	{OPT + 108, 5, 4, RC_FORMAT,
	 "optional header of 160 bytes does not fit 5 data directories"},
	/* .data is the first section of the table */
	{SECTIONS + 8, 0x2001, 4, RC_FORMAT,
	 "section '.data' ends at 0x4001 behind the image of 0x4000 bytes"},
	{SECTIONS + 12, 0xffffffff, 4, RC_FORMAT,
	 "section '.data' ends at 0x100000fff behind the image of 0x4000 "
	 "bytes"},
	{SECTIONS + 16, 0x801, 4, RC_FORMAT,
	 "section '.data' ends at 0x1001 behind the file of 0x1000 bytes"},
	{SECTIONS + 16, 0xffffffff, 4, RC_FORMAT,
	 "section '.data' ends at 0x1000007ff behind the file of 0x1000 "
	 "bytes"},
	{SECTIONS + 20, 0xffffffff, 4, RC_FORMAT,
	 "section '.data' ends at 0x1000003ff behind the file of 0x1000 "
	 "bytes"},
	{SECTIONS + 20, 0x7ff, 4, RC_FORMAT,
	 "section '.data' at 0x7ff overlaps another one"},
	{SECTIONS + 20, 0x3ff, 4, RC_FORMAT,
	 "section '.data' at 0x3ff overlaps the headers of 0x400 bytes"},
	{SECTIONS + 20, 0x400, 4, RC_FORMAT,
	 "section '.text' at 0x400 overlaps another one"},
	{SECTIONS + 40 + 16, 0x401, 4, RC_FORMAT,
	 "section '.data' at 0x800 overlaps another one"},
	{SECTIONS + 80 + 20, 0xffffffff, 4, RC_OK, NULL},
	{CERT, 0xbf8, 4, RC_FORMAT,
	 "certificates: 0x200 bytes at 0xbf8 are not in 0xc00..0x1000 from a "
	 "multiple of 8 on"},
	{CERT, 0xc00, 4, RC_OK, NULL},
	{CERT, 0xc04, 4, RC_FORMAT,
	 "certificates: 0x200 bytes at 0xc04 are not in 0xc00..0x1000 from a "
	 "multiple of 8 on"},
	{CERT, 0xe08, 4, RC_FORMAT,
	 "certificates: 0x200 bytes at 0xe08 are not in 0xc00..0x1000 from a "
	 "multiple of 8 on"},
	{CERT + 4, 0x201, 4, RC_FORMAT,
	 "certificates: 0x201 bytes at 0xe00 are not in 0xc00..0x1000 from a "
	 "multiple of 8 on"},
	{CERT + 4, 0xffffffff, 4, RC_FORMAT,
	 "certificates: 0xffffffff bytes at 0xe00 are not in 0xc00..0x1000 "
	 "from a multiple of 8 on"},
	{CERT + 4, 0, 4, RC_OK, NULL},
};

static void test_fields(void **state)
{
	struct pe pe;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int rc;

		begin();
		put(rows[i].off, rows[i].value, rows[i].bytes);
		rc = parse_bytes(SIZE, &pe, &e);
		assert_string_equal(e.msg,
				    rows[i].message ? rows[i].message : "");
		assert_int_equal(rc, rows[i].rc);
	}
}

/* Fewer directories, so that there is no entry for certificates. */
static void test_no_certificate_entry(void **state)
{
	struct pe pe;

	(void)state;
	begin();
	put(PE + 20, 112 + 8 * 4, 2);
	put(OPT + 108, 4, 4);
	put(PE + 6, 0, 2);
	pe = parse();
	assert_int_equal(pe.nr_directories, 4);
	assert_int_equal(pe.cert_entry_offset, 0);
	assert_int_equal(pe.cert_size, 0);
}

/* As many sections as there may be. */
static void test_many_sections(void **state)
{
	struct pe pe;

	(void)state;
	begin();
	put(OPT + 60, 0x1000, 4);
	put(CERT + 4, 0, 4);
	put(PE + 6, 96, 2);
	for (size_t i = 0; i < 90; i++)
		put_section(i, "s", 0, 0, (uint32_t)(90 - i), 0);
	pe = parse();
	assert_int_equal(pe.nr_sections, PE_MAX_SECTIONS);
	for (size_t i = 1; i < PE_MAX_SECTIONS; i++)
		assert_true(pe.sections[i - 1].raw_offset <=
			    pe.sections[i].raw_offset);
}

/* Every length: refused, and the memory behind it is never read. */
static void test_lengths(void **state)
{
	static const struct {
		size_t from;
		const char *message;
	} parts[] = {
		{0, "no PE file: no MZ at 0"},
		{2, "DOS header is cut off"},
		{0x40, "PE header at 0x40 is cut off"},
		{OPT, "optional header is cut off"},
		{DIRS, "data directories are cut off"},
		{SECTIONS, "headers of 0x400 bytes are not in 0x170..0x"},
		{HEADERS, "section '.data' ends at 0xc00 behind the file of "},
		{0xc00, "certificates: 0x200 bytes at 0xe00 are not in 0xc00"},
		{SIZE, NULL},
	};
	struct pe pe;
	struct err e;
	size_t part = 0;

	(void)state;
	begin();
	for (size_t n = 0; n < SIZE; n++) {
		const char *want;

		if (n == parts[part + 1].from)
			part++;
		want = parts[part].message;
		assert_int_equal(parse_bytes(n, &pe, &e), RC_FORMAT);
		if (strncmp(e.msg, want, strlen(want)) != 0)
			fail_msg("%zu bytes: %s", n, e.msg);
	}
}

static void test_mutations(void **state)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	struct pe pe;
	struct err e;

	(void)state;
	begin();
	for (size_t i = 0; i < SECTIONS + 3 * 40; i++) {
		uint8_t was = file[i];

		for (size_t v = 0; v < COUNT(values); v++) {
			int rc;

			file[i] = values[v];
			rc = parse_bytes(SIZE, &pe, &e);
			assert_true((rc == RC_OK) == (e.msg[0] == '\0'));
			assert_true(pe.nr_sections <= PE_MAX_SECTIONS);
		}
		file[i] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_no_certificate_entry),
		cmocka_unit_test(test_many_sections),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests_name("measure/pe", tests, NULL, NULL);
}
