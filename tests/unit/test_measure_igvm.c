/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_igvm.c: the IGVM parser and what it measures. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "crc32.h"
#include "hash.h"
#include "hex.h"
#include "igvm.h"
#include "wr.h"

enum { FIXED = 24, MAX_FILE = 64 * 1024 };

/* A file in the making. */
struct file {
	uint8_t bytes[MAX_FILE];
	struct wr w;
	size_t vars_end;
};

static void seal(struct file *f)
{
	struct wr w = {.base = f->bytes, .len = FIXED};

	memset(f->bytes, 0, FIXED);
	wr_le32(&w, 0x4d564749);
	wr_le32(&w, 1);
	wr_le32(&w, FIXED);
	wr_le32(&w, (uint32_t)(f->vars_end - FIXED));
	wr_le32(&w, (uint32_t)f->w.pos);
	wr_le32(&w, crc32(0, f->bytes, f->vars_end));
	assert_false(w.failed);
}

static void header(struct file *f, uint32_t type, uint32_t len)
{
	wr_le32(&f->w, type);
	wr_le32(&f->w, len);
}

static void platform(struct file *f, uint32_t mask, uint8_t type)
{
	header(f, IGVM_SUPPORTED_PLATFORM, 16);
	wr_le32(&f->w, mask);
	wr_u8(&f->w, 0);
	wr_u8(&f->w, type);
	wr_le16(&f->w, 1);
	wr_le64(&f->w, 0);
}

static void page(struct file *f, uint64_t gpa, uint32_t data, uint32_t flags,
		 uint16_t type)
{
	header(f, IGVM_PAGE_DATA, 24);
	wr_le64(&f->w, gpa);
	wr_le32(&f->w, 1);
	wr_le32(&f->w, data);
	wr_le32(&f->w, flags);
	wr_le16(&f->w, type);
	wr_le16(&f->w, 0);
}

static void area(struct file *f, uint64_t gpa, uint32_t index)
{
	header(f, IGVM_PARAMETER_AREA, 16);
	wr_le64(&f->w, (uint64_t)2 * SNP_PAGE);
	wr_le32(&f->w, index);
	wr_le32(&f->w, 0);
	header(f, IGVM_PARAMETER_INSERT, 16);
	wr_le64(&f->w, gpa);
	wr_le32(&f->w, 1);
	wr_le32(&f->w, index);
}

static void vp_context(struct file *f, uint16_t index, uint32_t data)
{
	header(f, IGVM_VP_CONTEXT, 20);
	wr_le64(&f->w, SNP_VMSA_GPA);
	wr_le32(&f->w, 1);
	wr_le32(&f->w, data);
	wr_le16(&f->w, index);
	wr_le16(&f->w, 0);
	wr_skip(&f->w, 4);
}

static void begin(struct file *f)
{
	f->w = wr_of(f->bytes, sizeof(f->bytes));
	wr_skip(&f->w, FIXED);
}

static void fill(struct file *f, uint8_t value)
{
	uint8_t bytes[SNP_PAGE];

	memset(bytes, value, sizeof(bytes));
	wr_bytes(&f->w, bytes, sizeof(bytes));
}

/* Two vCPUs, the second one first; an area between pages. */
static void make_snp(struct file *f)
{
	const struct snp_vcpu bsp = {SNP_VMM_QEMU, SNP_BSP_EIP, 0xa00f11, 1};
	const struct snp_vcpu ap = {SNP_VMM_QEMU, 0x80b004, 0xa00f11, 1};
	const uint32_t data = 376;
	uint8_t vmsa[SNP_PAGE];

	begin(f);
	platform(f, 1, IGVM_SNP);
	header(f, IGVM_GUEST_POLICY, 16);
	wr_le64(&f->w, 0x30000);
	wr_le32(&f->w, 1);
	wr_le32(&f->w, 0);
	vp_context(f, 1, data + 2 * SNP_PAGE);
	page(f, 0x1000, data, 0, IGVM_NORMAL);
	page(f, 0x2000, data, 0, IGVM_NORMAL);
	area(f, 0x10000, 3);
	page(f, 0x3000, 0, 0, IGVM_NORMAL);
	page(f, 0x4000, data, IGVM_UNMEASURED, IGVM_NORMAL);
	page(f, 0x5000, 0, 0, IGVM_SECRETS);
	page(f, 0x6000, data, 0, IGVM_CPUID);
	vp_context(f, 0, data + SNP_PAGE);
	f->vars_end = f->w.pos;
	assert_int_equal(f->w.pos, data);
	fill(f, 0x90);
	snp_vmsa(&bsp, vmsa);
	wr_bytes(&f->w, vmsa, sizeof(vmsa));
	snp_vmsa(&ap, vmsa);
	wr_bytes(&f->w, vmsa, sizeof(vmsa));
	seal(f);
}

static void make_tdx(struct file *f)
{
	begin(f);
	platform(f, 1, IGVM_TDX);
	page(f, 0x1000, 224, 0, IGVM_NORMAL);
	page(f, 0x2000, 0, 0, IGVM_NORMAL);
	page(f, 0x3000, 224, IGVM_UNMEASURED, IGVM_NORMAL);
	page(f, 0x4000, 224, IGVM_SHARED, IGVM_NORMAL);
	area(f, 0x10000, 3);
	f->vars_end = f->w.pos;
	assert_int_equal(f->w.pos, 224);
	fill(f, 0x90);
	seal(f);
}

static int parse(const struct file *f, struct igvm *g)
{
	struct err e = {""};

	return igvm_parse(f->bytes, f->w.pos, g, &e);
}

static void test_crc32(void **state)
{
	(void)state;
	/* The check value of every catalogue of CRCs. */
	assert_int_equal(crc32(0, (const uint8_t *)"123456789", 9), 0xcbf43926);
	assert_int_equal(crc32(crc32(0, (const uint8_t *)"1234", 4),
			       (const uint8_t *)"56789", 5),
			 0xcbf43926);
	assert_int_equal(crc32(0, NULL, 0), 0);
}

static void assert_digest(const uint8_t digest[SNP_DIGEST], const char *hex)
{
	char text[2 * SNP_DIGEST + 1];

	hex_format(digest, SNP_DIGEST, text);
	assert_string_equal(text, hex);
}

static void test_snp(void **state)
{
	/* tests/igvm.py digest FILE snp file|qemu */
	static const char *const expected[] = {
		"5ff42bbb21d422f6afe313f50184befbed616560b389eace"
		"4673bcf98f0bd9cd678733b70f9ebc3869ca6de3a6553c61",
		"24dbb2695593ff8e69719b6287a616b9cefa083f6992e8d8"
		"d0e8529dd10e066213da7c0a39a483ed150c48662f251489",
	};
	static struct file f;
	static struct igvm g;
	struct err e;
	struct hash *h = hash_new(SHA384_SIZE, &e);
	const struct igvm_platform *p;

	(void)state;
	make_snp(&f);
	assert_int_equal(parse(&f, &g), RC_OK);
	assert_null(igvm_platform(&g, IGVM_TDX));
	p = igvm_platform(&g, IGVM_SNP);
	assert_non_null(p);
	assert_int_equal(igvm_check(&g, p, &e), RC_OK);
	assert_int_equal(g.nr_vmsas, 2);
	assert_int_equal(g.end_vmsas, 2);
	assert_true(igvm_order_matters(&g, p));
	assert_int_equal(igvm_snp_features(&g), 1);
	for (int i = 0; i < 2; i++) {
		struct snp_launch l = {.sha384 = h};

		igvm_snp_pages(&g, p, (enum igvm_order)i, &l);
		igvm_snp_vcpu(&g, 0, NULL, &l);
		igvm_snp_vcpu(&g, 1, NULL, &l);
		assert_digest(l.digest, expected[i]);
	}
	igvm_free(&g);
	hash_free(h);
}

static void test_counts(void **state)
{
	static struct file f;
	static struct igvm g;
	size_t n[SNP_PAGE_CPUID + 1];

	(void)state;
	make_snp(&f);
	assert_int_equal(parse(&f, &g), RC_OK);
	igvm_count(&g, igvm_platform(&g, IGVM_SNP), n);
	assert_int_equal(n[SNP_PAGE_NORMAL], 3);
	assert_int_equal(n[SNP_PAGE_VMSA], 2);
	assert_int_equal(n[SNP_PAGE_ZERO], 0);
	assert_int_equal(n[SNP_PAGE_UNMEASURED], 3);
	assert_int_equal(n[SNP_PAGE_SECRETS], 1);
	assert_int_equal(n[SNP_PAGE_CPUID], 1);
	igvm_free(&g);
}

static void count_page(void *arg, bool extended, uint64_t gpa,
		       const uint8_t digest[SNP_DIGEST])
{
	size_t *n = arg;

	(void)digest;
	assert_true(extended == (gpa < 0x3000));
	++*n;
}

static void test_tdx(void **state)
{
	/* tests/igvm.py digest FILE tdx */
	static const char mrtd[] =
		"7a0f517982cada4c3558e75e0327821db82d20f5c501f380"
		"dab6830aafa0957085354195b62c6773c74a55c9facf08b2";
	static struct file f;
	static struct igvm g;
	struct err e;
	struct hash *h = hash_new(SHA384_SIZE, &e);
	const struct igvm_platform *p;
	uint8_t digest[SNP_DIGEST];
	size_t n = 0;

	(void)state;
	make_tdx(&f);
	assert_int_equal(parse(&f, &g), RC_OK);
	p = igvm_platform(&g, IGVM_TDX);
	assert_int_equal(igvm_check(&g, p, &e), RC_OK);
	igvm_tdx(&g, p, h, count_page, &n, digest);
	/* The shared page is not one of them. */
	assert_int_equal(n, 5);
	assert_digest(digest, mrtd);
	igvm_tdx(&g, p, h, NULL, NULL, digest);
	assert_digest(digest, mrtd);
	igvm_free(&g);
	hash_free(h);
}

/* No beginning of a file is a file, whatever its fixed header says. */
static void test_cut(void **state)
{
	static struct file f;
	static struct igvm g;

	(void)state;
	make_snp(&f);
	for (size_t n = 0; n < f.w.pos; n += n < f.vars_end ? 1 : 509) {
		uint8_t *cut = malloc(n + 1);
		struct wr w = {.base = cut, .len = n, .pos = 16};
		struct err e;

		assert_non_null(cut);
		memcpy(cut, f.bytes, n);
		assert_int_equal(igvm_parse(cut, n, &g, &e), RC_FORMAT);
		igvm_free(&g);
		if (n >= FIXED)
			wr_le32(&w, (uint32_t)n);
		assert_int_equal(igvm_parse(cut, n, &g, &e), RC_FORMAT);
		igvm_free(&g);
		free(cut);
	}
}

/* The same with all of it that can be made to fit. */
static void test_cut_headers(void **state)
{
	static struct file f, whole;
	static struct igvm g;
	struct err e;

	(void)state;
	make_snp(&whole);
	for (size_t end = FIXED; end < whole.vars_end; end++) {
		int rc;

		f = whole;
		f.vars_end = end;
		seal(&f);
		rc = parse(&f, &g);
		/* What ends between two headers is a file, but no guest. */
		if (rc == RC_OK)
			rc = igvm_check(&g, igvm_platform(&g, IGVM_SNP), &e);
		assert_int_equal(rc, RC_FORMAT);
		igvm_free(&g);
	}
}

/* Each byte of the headers with each of some values: nothing goes astray. */
static void test_bytes(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	static struct file f, whole;
	static struct igvm g;
	struct err e;
	struct hash *h = hash_new(SHA384_SIZE, &e);

	(void)state;
	make_snp(&whole);
	for (size_t at = FIXED; at < whole.vars_end; at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			const struct igvm_platform *p;
			struct snp_launch l = {.sha384 = h};

			f = whole;
			f.bytes[at] = values[i];
			seal(&f);
			p = parse(&f, &g) ? NULL : igvm_platform(&g, IGVM_SNP);
			if (p && igvm_check(&g, p, &e) == RC_OK)
				igvm_snp_pages(&g, p, IGVM_ORDER_QEMU, &l);
			igvm_free(&g);
		}
	}
	hash_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc32),
		cmocka_unit_test(test_snp),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_tdx),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_headers),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
