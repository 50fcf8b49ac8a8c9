/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_ovmf.c: the tables of firmware: valid, malformed, mutated. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guid.h"
#include "ovmf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { SIZE = 4096, TAIL = 0x20, ENTRY = 18, END = SIZE - TAIL };

static const struct guid footer = GUID(0x96b582de, 0x1fb2, 0x45f7, 0xba, 0xea,
				       0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d);
static const struct guid reset = GUID(0x00f771de, 0x1a7e, 0x4fcb, 0x89, 0x0e,
				      0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e);
static const struct guid secret = GUID(0x4c2eb361, 0x7d9b, 0x4cc3, 0x80, 0x81,
				       0x12, 0x7c, 0x90, 0xd3, 0xd2, 0x94);
static const struct guid hashes = GUID(0x7255371f, 0x3a3b, 0x4b04, 0x92, 0x7b,
				       0x1d, 0xa6, 0xef, 0xa8, 0xd4, 0x54);
static const struct guid sev = GUID(0xdc886566, 0x984a, 0x4798, 0xa7, 0x5e,
				    0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc);
static const struct guid tdx = GUID(0xe47a6535, 0x984a, 0x4798, 0x86, 0x5e,
				    0x46, 0x85, 0xa7, 0xbf, 0x8e, 0xc2);
static const struct guid igvm = GUID(0x784fa70e, 0x3176, 0x4677, 0x8a, 0x20,
				     0x04, 0xb6, 0x86, 0x99, 0xe3, 0x74);
static const struct guid other = GUID(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

/* An image in the making; at is where the next entry ends. */
static uint8_t image[SIZE];
static size_t at;

static void put(size_t off, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		image[off + i] = (uint8_t)(v >> 8 * i);
}

/* The footer with the length of what add() has added before, or another. */
static void put_footer(size_t length)
{
	put(END - ENTRY, length, 2);
	memcpy(image + END - GUID_SIZE, footer.b, GUID_SIZE);
}

static void begin(void)
{
	memset(image, 0, sizeof(image));
	at = END - ENTRY;
	put_footer(ENTRY);
}

/* An entry with n bytes of data, which says that it has length bytes. */
static void add_length(const struct guid *g, uint64_t data, size_t n,
		       size_t length)
{
	memcpy(image + at - GUID_SIZE, g->b, GUID_SIZE);
	put(at - ENTRY, length, 2);
	put(at - ENTRY - n, data, n);
	at -= n + ENTRY;
	put_footer(END - at);
}

static void add(const struct guid *g, uint64_t data, size_t n)
{
	add_length(g, data, n, n + ENTRY);
}

/* Metadata at offset 256 with its entry. */
static void add_metadata(const struct guid *g, const char *signature,
			 uint32_t length, uint32_t version, uint32_t count)
{
	memcpy(image + 256, signature, 4);
	put(260, length, 4);
	put(264, version, 4);
	put(268, count, 4);
	add(g, SIZE - 256, 4);
}

/* In memory of exactly this size, so that a read beyond it is seen. */
static int parse_bytes(const uint8_t *p, size_t n, struct ovmf *o,
		       struct err *e)
{
	uint8_t *copy = malloc(n ? n : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, p, n);
	e->msg[0] = '\0';
	rc = ovmf_parse(copy, n, o, e);
	rc = rc ? rc : ovmf_parse_tdx(copy, n, o, e);
	rc = rc ? rc : ovmf_parse_igvm(copy, n, o, e);
	free(copy);
	return rc;
}

static struct ovmf parse(void)
{
	struct ovmf o;
	struct err e;

	if (parse_bytes(image, SIZE, &o, &e))
		fail_msg("%s", e.msg);
	return o;
}

static void refused(int want, const char *message)
{
	struct ovmf o;
	struct err e;
	int rc = parse_bytes(image, SIZE, &o, &e);

	assert_string_equal(e.msg, message);
	assert_int_equal(rc, want);
}

/* Nothing that is too short for a table has one; nor has a file of zeros. */
static void test_sizes(void **state)
{
	static const size_t sizes[] = {0,  1,  16, 17, 18, 31,	32,
				       33, 48, 49, 50, 51, SIZE};
	struct ovmf o;
	struct err e;

	(void)state;
	memset(image, 0, sizeof(image));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(parse_bytes(image, sizes[i], &o, &e), RC_OK);
		assert_int_equal(o.size, sizes[i]);
		assert_false(o.has_table || o.nr_entries || o.has_reset ||
			     o.has_sev || o.has_tdx || o.has_igvm ||
			     o.secret.present || o.hashes.present);
	}
}

/* The footer alone: 50 bytes hold it, 49 do not. */
static void test_smallest(void **state)
{
	struct ovmf o;
	struct err e;

	(void)state;
	begin();
	assert_int_equal(parse_bytes(image + SIZE - 49, 49, &o, &e), RC_OK);
	assert_false(o.has_table);
	assert_int_equal(parse_bytes(image + SIZE - 50, 50, &o, &e), RC_OK);
	assert_true(o.has_table);
	assert_int_equal(o.nr_entries, 0);
	put_footer(ENTRY + 1);
	assert_int_equal(parse_bytes(image + SIZE - 50, 50, &o, &e), RC_FORMAT);
	assert_string_equal(e.msg, "footer length 19 is not in 18..18");
	assert_int_equal(parse_bytes(image + SIZE - 51, 51, &o, &e), RC_OK);
}

/* Every tail of an image with all tables, down to nothing. */
static void test_tails(void **state)
{
	struct ovmf o;
	struct err e;

	(void)state;
	begin();
	add(&reset, 0x80b004, 4);
	add(&hashes, 0x40000810c00, 8);
	add_metadata(&sev, "ASEV", 16 + 12, 1, 1);
	for (size_t n = 0; n <= SIZE; n++) {
		int rc = parse_bytes(image + SIZE - n, n, &o, &e);
		bool table = n >= TAIL + (END - at);
		bool metadata = n >= SIZE - 256;

		if (n < TAIL + ENTRY || metadata)
			assert_int_equal(rc, RC_OK);
		else
			assert_int_equal(rc, RC_FORMAT);
		if (!table && rc)
			assert_memory_equal(e.msg, "footer length", 13);
		if (table && rc)
			assert_memory_equal(e.msg, "SEV metadata: 0xf00", 19);
	}
}

static void test_footer(void **state)
{
	static const struct {
		size_t length;
		const char *message;
	} rows[] = {
		{0, "footer length 0 is not in 18..4064"},
		{17, "footer length 17 is not in 18..4064"},
		{18, NULL},
		{35, NULL}, /* 17 bytes more hold no entry */
		{36, "offset 0xfbc: table entry length 0 is not in 18..18"},
		{4064, "offset 0xfbc: table entry length 0 is not in "
		       "18..4046"},
		{4065, "footer length 4065 is not in 18..4064"},
		{65535, "footer length 65535 is not in 18..4064"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin();
		put_footer(rows[i].length);
		if (rows[i].message)
			refused(RC_FORMAT, rows[i].message);
		else
			assert_true(parse().has_table);
	}
}

/* Length of an entry with 4 bytes below one with none. */
static void test_entry_length(void **state)
{
	static const struct {
		size_t length;
		const char *message;
	} rows[] = {
		{17, "offset 0xfaa: table entry length 17 is not in 18..22"},
		{18, NULL},
		{22, NULL},
		{23, "offset 0xfaa: table entry length 23 is not in 18..22"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ovmf o;

		begin();
		add(&other, 0, 0);
		add_length(&other, 7, 4, rows[i].length);
		if (rows[i].message) {
			refused(RC_FORMAT, rows[i].message);
			continue;
		}
		o = parse();
		assert_int_equal(o.nr_entries, 2);
		assert_int_equal(o.entries[0].size, 0);
		assert_int_equal(o.entries[0].offset, 0xfbc);
		assert_int_equal(o.entries[1].size, rows[i].length - ENTRY);
		assert_int_equal(o.entries[1].offset, 0xfbc - rows[i].length);
		assert_memory_equal(o.entries[1].guid, other.b, GUID_SIZE);
	}
}

static void test_number_of_entries(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < OVMF_MAX_ENTRIES; i++)
		add(&other, 0, 0);
	assert_int_equal(parse().nr_entries, OVMF_MAX_ENTRIES);
	add(&other, 0, 0);
	refused(RC_LIMIT, "more than 64 entries in the table");
}

static void test_values(void **state)
{
	struct ovmf o;

	(void)state;
	begin();
	add(&reset, 0x80b004, 4);
	add(&secret, 0xc0000810000, 8);
	add(&hashes, 0x40000810c00, 8);
	/* The first one from the end counts. */
	add(&reset, 0xffffffff, 4);
	o = parse();
	assert_true(o.has_table && o.has_reset);
	assert_int_equal(o.reset_eip, 0x80b004);
	assert_true(o.secret.present && o.hashes.present);
	assert_int_equal(o.secret.base, 0x810000);
	assert_int_equal(o.secret.size, 0xc00);
	assert_int_equal(o.hashes.base, 0x810c00);
	assert_int_equal(o.hashes.size, 0x400);
	assert_int_equal(o.nr_entries, 4);
	assert_memory_equal(o.entries[1].guid, secret.b, GUID_SIZE);
	assert_false(o.has_sev || o.has_tdx || o.has_igvm);
}

/* Firmware without a footer: its reset block stands in this place. */
static void test_old_reset_block(void **state)
{
	struct ovmf o;

	(void)state;
	begin();
	at = END;
	add(&reset, 0x1234, 4);
	memcpy(image + END - GUID_SIZE, reset.b, GUID_SIZE);
	put(END - ENTRY, 22, 2);
	o = parse();
	assert_false(o.has_table);
	assert_true(o.has_reset);
	assert_int_equal(o.reset_eip, 0x1234);
	assert_int_equal(o.nr_entries, 1);
	put(END - ENTRY, 17, 2);
	refused(RC_FORMAT, "SEV-ES reset block length 17 is not in 18..4064");
	put(END - ENTRY, 4065, 2);
	refused(RC_FORMAT, "SEV-ES reset block length 4065 is not in 18..4064");
}

/* Entries with less data than they should hold; more is no fault. */
static void test_short_entries(void **state)
{
	static const struct {
		const struct guid *guid;
		size_t need;
		const char *message;
	} rows[] = {
		{&reset, 4, "SEV-ES reset block: 3 bytes instead of 4"},
		{&secret, 8, "SEV secret block: 7 bytes instead of 8"},
		{&hashes, 8, "hash table area: 7 bytes instead of 8"},
		{&sev, 4, "SEV metadata: 3 bytes instead of 4"},
		{&tdx, 4, "TDX metadata: 3 bytes instead of 4"},
		{&igvm, 4, "IGVM metadata: 3 bytes instead of 4"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin();
		add(rows[i].guid, 0, rows[i].need - 1);
		refused(RC_FORMAT, rows[i].message);
	}
	begin();
	add(&reset, 0x9900000007, 5);
	assert_int_equal(parse().reset_eip, 7);
}

/* The three kinds of metadata have the same header. */
static const struct {
	const struct guid *guid;
	const char *name, *signature;
	uint32_t record;
} kinds[] = {
	{&sev, "SEV metadata", "ASEV", 12},
	{&tdx, "TDX metadata", "TDVF", 32},
	{&igvm, "IGVM metadata", "IGVM", 12},
};

/* message begins behind the name of the kind. */
static void refused_kind(size_t kind, int rc, const char *message)
{
	char all[256];

	snprintf(all, sizeof(all), "%s%s", kinds[kind].name, message);
	refused(rc, all);
}

static void test_metadata_place(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		begin();
		add(kinds[k].guid, SIZE + 1, 4);
		refused_kind(k, RC_FORMAT,
			     ": 0x1001 bytes before the end is outside of the "
			     "image");
		/* The whole image is looked at. */
		begin();
		memcpy(image, kinds[k].signature, 4);
		put(4, 16, 4);
		put(8, 1, 4);
		add(kinds[k].guid, SIZE, 4);
		(void)parse();
	}
}

static void test_metadata_header(void **state)
{
	char want[64];

	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		const char *sig = kinds[k].signature;
		uint32_t one = 16 + kinds[k].record;

		begin();
		add(kinds[k].guid, 15, 4);
		refused_kind(k, RC_FORMAT, ": header is cut off");
		begin();
		add_metadata(kinds[k].guid, "ABCD", one, 1, 1);
		snprintf(want, sizeof(want), ": signature is not %s", sig);
		refused_kind(k, RC_FORMAT, want);
		begin();
		add_metadata(kinds[k].guid, sig, 15, 1, 0);
		refused_kind(k, RC_FORMAT, ": length 15 is not in 16..3840");
		begin();
		add_metadata(kinds[k].guid, sig, 3841, 1, 0);
		refused_kind(k, RC_FORMAT, ": length 3841 is not in 16..3840");
		begin();
		add_metadata(kinds[k].guid, sig, one - 1, 1, 1);
		snprintf(want, sizeof(want),
			 ": 1 sections do not fit into %u bytes", one - 1);
		refused_kind(k, RC_FORMAT, want);
		begin();
		add_metadata(kinds[k].guid, sig, one, 1, 0xffffffff);
		snprintf(want, sizeof(want),
			 ": 4294967295 sections do not fit into %u bytes", one);
		refused_kind(k, RC_FORMAT, want);
	}
}

static void test_metadata_limits(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		uint32_t r = kinds[k].record;

		begin();
		add_metadata(kinds[k].guid, kinds[k].signature, 16, 1, 0);
		(void)parse();
		begin();
		add_metadata(kinds[k].guid, kinds[k].signature, 16 + 64 * r, 1,
			     64);
		(void)parse();
		begin();
		add_metadata(kinds[k].guid, kinds[k].signature, 16 + 65 * r, 1,
			     65);
		refused_kind(k, RC_LIMIT, ": more than 64 sections");
	}
}

/* QEMU does not look at the version of the SEV metadata. */
static void test_metadata_version(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		begin();
		add_metadata(kinds[k].guid, kinds[k].signature, 16, 2, 0);
		if (kinds[k].guid == &sev)
			assert_int_equal(parse().sev_version, 2);
		else
			refused_kind(k, RC_UNSUPPORTED, ": version 2");
	}
}

static void test_sections(void **state)
{
	struct ovmf o;

	(void)state;
	begin();
	add_metadata(&sev, "ASEV", 16 + 24, 1, 2);
	put(272, 0x800000, 4);
	put(276, 0x9000, 4);
	put(280, 1, 4);
	put(284, 0x810000, 4);
	put(288, 0x1000, 4);
	put(292, 0x10, 4);
	o = parse();
	assert_int_equal(o.nr_sev, 2);
	assert_int_equal(o.sev[0].gpa, 0x800000);
	assert_int_equal(o.sev[0].size, 0x9000);
	assert_int_equal(o.sev[1].kind, OVMF_SNP_KERNEL_HASHES);
	assert_true(ovmf_has_sev_kind(&o, OVMF_SNP_SEC_MEM));
	assert_true(ovmf_has_sev_kind(&o, OVMF_SNP_KERNEL_HASHES));
	assert_false(ovmf_has_sev_kind(&o, OVMF_SNP_CPUID));

	begin();
	add_metadata(&tdx, "TDVF", 16 + 32, 1, 1);
	put(272, 0x84000, 4);
	put(276, 0x37c000, 4);
	put(280, 0x1ffc84000, 8);
	put(288, 0x10037c000, 8);
	put(296, 3, 4);
	put(300, 1, 4);
	o = parse();
	assert_true(o.has_tdx && !o.has_sev);
	assert_int_equal(o.nr_tdx, 1);
	assert_int_equal(o.tdx[0].data_offset, 0x84000);
	assert_int_equal(o.tdx[0].raw_size, 0x37c000);
	assert_true(o.tdx[0].gpa == 0x1ffc84000);
	assert_true(o.tdx[0].mem_size == 0x10037c000);
	assert_int_equal(o.tdx[0].type, 3);
	assert_int_equal(o.tdx[0].attributes, 1);

	begin();
	add_metadata(&igvm, "IGVM", 16 + 12, 1, 1);
	put(272, 0x812000, 4);
	put(276, 0x1000, 4);
	put(280, 0x100, 4);
	o = parse();
	assert_true(o.has_igvm && !o.has_tdx);
	assert_int_equal(o.nr_igvm, 1);
	assert_int_equal(o.igvm[0].start, 0x812000);
	assert_int_equal(o.igvm[0].size, 0x1000);
	assert_int_equal(o.igvm[0].id, 0x100);
}

/* A launch that does not need TDX and IGVM does not fail because of them. */
static void test_others_are_ignored(void **state)
{
	struct ovmf o;
	struct err e;

	(void)state;
	begin();
	add(&tdx, SIZE + 1, 4);
	add(&igvm, 0, 0);
	assert_int_equal(ovmf_parse(image, SIZE, &o, &e), RC_OK);
	assert_int_equal(ovmf_parse_tdx(image, SIZE, &o, &e), RC_FORMAT);
	assert_int_equal(ovmf_parse_igvm(image, SIZE, &o, &e), RC_FORMAT);
}

static void test_names(void **state)
{
	static const struct {
		uint32_t kind;
		const char *name;
	} rows[] = {
		{0, "unknown"},	    {1, "SNP_SEC_MEM"},
		{2, "SNP_SECRETS"}, {3, "CPUID"},
		{4, "SVSM_CAA"},    {5, "unknown"},
		{15, "unknown"},    {16, "SNP_KERNEL_HASHES"},
		{17, "unknown"},    {UINT32_MAX, "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(ovmf_sev_kind_name(rows[i].kind),
				    rows[i].name);
}

/* Each byte of the tables and of a header in turn, with a few values. */
static void test_mutations(void **state)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	struct ovmf o;
	struct err e;

	(void)state;
	begin();
	add(&reset, 0x80b004, 4);
	add(&secret, 0, 8);
	add(&hashes, 0x40000810c00, 8);
	add(&tdx, SIZE - 2048, 4);
	memcpy(image + 2048, "TDVF\x30\0\0\0\1\0\0\0\1", 13);
	add_metadata(&sev, "ASEV", 16 + 12, 1, 1);
	(void)parse();
	for (size_t i = 256; i < END; i = i == 300 ? at : i + 1) {
		uint8_t was = image[i];

		for (size_t v = 0; v < COUNT(values); v++) {
			int rc;

			image[i] = values[v];
			rc = parse_bytes(image, SIZE, &o, &e);
			assert_true((rc == RC_OK) == (e.msg[0] == '\0'));
			assert_true(o.nr_sev <= OVMF_MAX_SECTIONS);
		}
		image[i] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_smallest),
		cmocka_unit_test(test_tails),
		cmocka_unit_test(test_footer),
		cmocka_unit_test(test_entry_length),
		cmocka_unit_test(test_number_of_entries),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_old_reset_block),
		cmocka_unit_test(test_short_entries),
		cmocka_unit_test(test_metadata_place),
		cmocka_unit_test(test_metadata_header),
		cmocka_unit_test(test_metadata_limits),
		cmocka_unit_test(test_metadata_version),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_others_are_ignored),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests_name("measure/ovmf", tests, NULL, NULL);
}
