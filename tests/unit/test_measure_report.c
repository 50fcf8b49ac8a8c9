/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_report.c: SNP reports of every version, byte by byte. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "snp_report.h"
#include "wr.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Fills n bytes at off with first, first + 1, ... */
static void ramp(uint8_t *report, size_t off, size_t n, unsigned int first)
{
	for (size_t i = 0; i < n; i++)
		report[off + i] = (uint8_t)(first + i);
}

/*
 * A report of this version without a signature, in which each field has a
 * value of its own. TCB_VERSIONs are 8 bytes b, b + 1, 0, 0, 0, 0, b + 2,
 * b + 3; from Turin on b, b + 1, b + 2, b + 3, 0, 0, 0, b + 4.
 */
static void make_tcb(uint8_t *p, unsigned int b, bool turin)
{
	static const uint8_t old[] = {0, 1, 0xff, 0xff, 0xff, 0xff, 2, 3};
	static const uint8_t new[] = {0, 1, 2, 3, 0xff, 0xff, 0xff, 4};

	for (int i = 0; i < 8; i++) {
		uint8_t add = turin ? new[i] : old[i];

		p[i] = add == 0xff ? 0 : (uint8_t)(b + add);
	}
}

static void make(uint8_t *report, uint32_t version, bool turin)
{
	struct wr w = wr_of(report, SNP_REPORT_SIZE);

	wr_le32(&w, version);
	wr_le32(&w, 7);	      /* GUEST_SVN */
	wr_le64(&w, 0x3001f); /* POLICY */
	ramp(report, 0x10, 16, 0x10);
	ramp(report, 0x20, 16, 0x20);
	wr_seek(&w, 0x34);
	wr_le32(&w, 1); /* SIGNATURE_ALGO */
	make_tcb(report + 0x38, 0x40, turin);
	wr_seek(&w, 0x40);
	wr_le64(&w, 0x25); /* PLATFORM_INFO */
	wr_le32(&w, 1);	   /* AUTHOR_KEY_EN, VCEK */
	ramp(report, 0x50, 64, 0x50);
	ramp(report, 0x90, 48, 0x90);
	ramp(report, 0xc0, 32, 0xc0);
	ramp(report, 0xe0, 48, 0xe0);
	ramp(report, 0x110, 48, 0x11);
	ramp(report, 0x140, 64, 0x14);
	make_tcb(report + 0x180, 0x10, turin);
	if (version >= 3) {
		report[0x188] = turin ? 0x1a : 0x19;
		report[0x189] = turin ? 0x02 : 0x01;
		report[0x18a] = 1;
	}
	ramp(report, 0x1a0, turin ? 8 : 64, 0xa1);
	make_tcb(report + 0x1e0, 0x20, turin);
	ramp(report, 0x1e8, 3, 1);
	ramp(report, 0x1ec, 3, 4);
	make_tcb(report + 0x1f0, 0x30, turin);
	if (version >= 4) {
		ramp(report, 0x1f8, 8, 0xf8);
		ramp(report, 0x200, 8, 0x20);
	}
	ramp(report, 0x2a0, 144, 1);
}

static int parse(const uint8_t *report, struct snp_report *r, struct err *e)
{
	int rc = snp_report_parse(report, SNP_REPORT_SIZE, r, e);

	return rc ? rc : snp_report_product(r, SNP_PRODUCT_UNKNOWN, e);
}

static void is_ramp(const uint8_t *p, size_t n, unsigned int first)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(p[i], (first + i) & 0xff);
}

static void test_fields(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_report r;
	struct err e;

	(void)state;
	for (uint32_t v = 2; v <= 5; v++) {
		make(report, v, false);
		assert_int_equal(parse(report, &r, &e), RC_OK);
		assert_int_equal(r.version, v);
		assert_int_equal(r.guest_svn, 7);
		assert_int_equal(r.policy, 0x3001f);
		assert_int_equal(r.vmpl, 0);
		assert_int_equal(r.platform_info, 0x25);
		assert_true(r.author_key_en);
		assert_false(r.mask_chip_key);
		assert_int_equal(r.signing_key, SNP_VCEK);
		is_ramp(r.family_id, 16, 0x10);
		is_ramp(r.image_id, 16, 0x20);
		is_ramp(r.report_data, 64, 0x50);
		is_ramp(r.measurement, 48, 0x90);
		is_ramp(r.host_data, 32, 0xc0);
		is_ramp(r.id_key_digest, 48, 0xe0);
		is_ramp(r.author_key_digest, 48, 0x11);
		is_ramp(r.chip_id, 64, 0xa1);
		assert_int_equal(r.product,
				 v < 3 ? SNP_PRODUCT_UNKNOWN : SNP_MILAN);
		assert_int_equal(r.launch_mit_vector,
				 v < 4 ? 0 : 0xfffefdfcfbfaf9f8);
		assert_int_equal(r.current_mit_vector,
				 v < 4 ? 0 : 0x2726252423222120);
	}
}

/* Each part of each TCB_VERSION, as make_tcb() says. */
static void test_tcb(void **state)
{
	static const unsigned int first[SNP_NR_TCBS] = {
		[SNP_REPORTED] = 0x10,
		[SNP_COMMITTED] = 0x20,
		[SNP_CURRENT] = 0x40,
		[SNP_LAUNCH] = 0x30,
	};
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_report r;
	struct err e;

	(void)state;
	for (uint32_t v = 2; v <= 5; v++)
		for (int turin = 0; turin <= 1; turin++) {
			make(report, v, turin);
			assert_int_equal(parse(report, &r, &e), RC_OK);
			assert_int_equal(r.has_fmc, turin);
			for (int i = 0; i < SNP_NR_TCBS; i++) {
				const uint8_t *t = r.tcb[i].v;
				unsigned int b = first[i];

				assert_int_equal(t[SNP_TCB_FMC],
						 turin ? b++ : 0);
				assert_int_equal(t[SNP_TCB_BOOTLOADER], b);
				assert_int_equal(t[SNP_TCB_TEE], b + 1);
				assert_int_equal(t[SNP_TCB_SNP], b + 2);
				assert_int_equal(t[SNP_TCB_MICROCODE], b + 3);
			}
		}
}

/* Whether a byte is reserved; TCB_VERSIONs of Milan and Genoa. */
static bool is_reserved(uint32_t version, size_t at)
{
	static const struct {
		size_t first, last;
		uint32_t versions_to;
	} ranges[] = {
		{0x03a, 0x03d, 5}, {0x04c, 0x04f, 5}, {0x182, 0x185, 5},
		{0x188, 0x18a, 2}, {0x18b, 0x19f, 5}, {0x1e2, 0x1e5, 5},
		{0x1eb, 0x1eb, 5}, {0x1ef, 0x1ef, 5}, {0x1f2, 0x1f5, 5},
		{0x1f8, 0x207, 3}, {0x208, 0x29f, 5}, {0x330, 0x49f, 5},
	};

	for (size_t i = 0; i < COUNT(ranges); i++)
		if (at >= ranges[i].first && at <= ranges[i].last &&
		    version <= ranges[i].versions_to)
			return true;
	return false;
}

/* Fields in which not every number has a meaning have tests of their own. */
static bool is_number(size_t at)
{
	return at < 4 || (at >= 8 && at < 0x10) || (at >= 0x34 && at < 0x38) ||
	       (at >= 0x40 && at < 0x4c) || at == 0x188 || at == 0x189;
}

static void test_every_byte(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_report r;
	struct err e;

	(void)state;
	for (uint32_t v = 2; v <= 5; v++)
		for (size_t at = 0; at < SNP_REPORT_SIZE; at++)
			for (int bit = 0; bit < 8; bit++) {
				bool bad = is_reserved(v, at);

				if (is_number(at) && !(v == 2 && bad))
					continue;
				make(report, v, false);
				report[at] ^= (uint8_t)(1 << bit);
				assert_int_equal(parse(report, &r, &e),
						 bad ? RC_FORMAT : RC_OK);
			}
}

/* Bytes that are changed in a report, and what is said. */
static const struct {
	uint32_t version;
	size_t at;
	uint8_t value;
	int rc;
	const char *message;
} refused[] = {
	{3, 0, 0, RC_UNSUPPORTED, "report: version 0 is none of 2 to 5"},
	{3, 0, 1, RC_UNSUPPORTED, "report: version 1 is none of 2 to 5"},
	{3, 0, 6, RC_UNSUPPORTED, "report: version 6 is none of 2 to 5"},
	{3, 3, 1, RC_UNSUPPORTED, "report: version 16777219 is none of 2 to 5"},
	{3, 0x0a, 1, RC_FORMAT,
	 "report: policy 0x1001f has bit 17 clear, which is always one"},
	{5, 0x0b, 4, RC_FORMAT,
	 "report: policy 0x403001f has reserved bits that are not zero"},
	{5, 0x0f, 0x80, RC_FORMAT,
	 "report: policy 0x800000000003001f has reserved bits that are not "
	 "zero"},
	{4, 0x34, 0, RC_UNSUPPORTED,
	 "report: signature algorithm 0 is not 1 (ECDSA P-384 with SHA-384)"},
	{4, 0x34, 2, RC_UNSUPPORTED,
	 "report: signature algorithm 2 is not 1 (ECDSA P-384 with SHA-384)"},
	{4, 0x47, 0x80, RC_FORMAT,
	 "report: platform information 0x8000000000000025 has reserved bits "
	 "that are not zero"},
	{4, 0x41, 1, RC_FORMAT,
	 "report: platform information 0x125 has reserved bits that are not "
	 "zero"},
	{4, 0x48, 2 << 2, RC_FORMAT, "report: signing key 2 is reserved"},
	{4, 0x48, 6 << 2, RC_FORMAT, "report: signing key 6 is reserved"},
	{4, 0x48, 0x20, RC_FORMAT,
	 "report: key information 0x20 has reserved bits that are not zero"},
	{4, 0x4b, 0x80, RC_FORMAT,
	 "report: key information 0x80000001 has reserved bits that are not "
	 "zero"},
	{2, 0x4c, 1, RC_FORMAT,
	 "report: bytes 0x4c to 0x4f are reserved, but not zero"},
	{2, 0x188, 0x19, RC_FORMAT,
	 "report: bytes 0x188 to 0x19f are reserved, but not zero"},
	{3, 0x18b, 1, RC_FORMAT,
	 "report: bytes 0x18b to 0x19f are reserved, but not zero"},
	{3, 0x188, 0x17, RC_UNSUPPORTED,
	 "report: processor family 0x17 model 0x1 is none of Milan, Genoa and "
	 "Turin"},
	{3, 0x1eb, 1, RC_FORMAT,
	 "report: bytes 0x1eb to 0x1eb are reserved, but not zero"},
	{3, 0x1ef, 1, RC_FORMAT,
	 "report: bytes 0x1ef to 0x1ef are reserved, but not zero"},
	{3, 0x1f8, 1, RC_FORMAT,
	 "report: bytes 0x1f8 to 0x29f are reserved, but not zero"},
	{5, 0x208, 1, RC_FORMAT,
	 "report: bytes 0x208 to 0x29f are reserved, but not zero"},
	{5, 0x330, 1, RC_FORMAT,
	 "report: bytes 0x330 to 0x49f are reserved, but not zero"},
	{5, 0x183, 1, RC_FORMAT,
	 "report: reported TCB 0x1312000001001110 has reserved bits that are "
	 "not zero"},
	{5, 0x1e5, 1, RC_FORMAT,
	 "report: committed TCB 0x2322010000002120 has reserved bits that are "
	 "not zero"},
	{5, 0x3a, 1, RC_FORMAT,
	 "report: current TCB 0x4342000000014140 has reserved bits that are "
	 "not zero"},
	{5, 0x1f2, 1, RC_FORMAT,
	 "report: launch TCB 0x3332000000013130 has reserved bits that are "
	 "not zero"},
};

static void test_refused(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_report r;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		make(report, refused[i].version, false);
		report[refused[i].at] = refused[i].value;
		assert_int_equal(parse(report, &r, &e), refused[i].rc);
		assert_string_equal(e.msg, refused[i].message);
	}
	/* Turin has its reserved bytes elsewhere. */
	make(report, 5, true);
	report[0x186] = 1;
	assert_int_equal(parse(report, &r, &e), RC_FORMAT);
	assert_string_equal(e.msg, "report: reported TCB 0x1401000013121110 "
				   "has reserved bits that are not zero");
}

/* Every bit that has a meaning may be set. */
static void test_flags(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_report r;
	struct err e;

	(void)state;
	make(report, 5, true);
	report[0x0a] = 0xff;
	report[0x0b] = 0x03;
	report[0x40] = 0xff;
	report[0x48] = 7 << 2 | 3;
	assert_int_equal(parse(report, &r, &e), RC_OK);
	assert_int_equal(r.policy, 0x3ff001f);
	assert_int_equal(r.platform_info, 0xff);
	assert_int_equal(r.signing_key, SNP_NO_KEY);
	assert_true(r.mask_chip_key && r.author_key_en);
}

static void test_length(void **state)
{
	uint8_t report[SNP_REPORT_SIZE + 1] = {0};
	struct snp_report r;
	struct err e;
	char want[64];

	(void)state;
	make(report, 3, false);
	for (size_t n = 0; n <= SNP_REPORT_SIZE + 1; n++) {
		if (n == SNP_REPORT_SIZE)
			continue;
		assert_int_equal(snp_report_parse(report, n, &r, &e),
				 RC_FORMAT);
		(void)snprintf(want, sizeof(want),
			       "report: %zu bytes instead of 1184", n);
		assert_string_equal(e.msg, want);
	}
}

/* Extended family and model; the numbers are those of AMD's processors. */
static enum snp_product product_of(unsigned int family, unsigned int model)
{
	if (family == 0x19 && model < 0x10)
		return SNP_MILAN;
	if (family == 0x19 && (model < 0x20 || (model > 0x9f && model < 0xb0)))
		return SNP_GENOA;
	return family == 0x1a && model < 0x12 ? SNP_TURIN : SNP_PRODUCT_UNKNOWN;
}

static void test_product(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_report r;
	struct err e;

	(void)state;
	make(report, 3, false);
	for (unsigned int family = 0; family < 256; family++)
		for (unsigned int model = 0; model < 256; model++) {
			enum snp_product want = product_of(family, model);
			int rc;

			report[0x188] = (uint8_t)family;
			report[0x189] = (uint8_t)model;
			rc = snp_report_parse(report, sizeof(report), &r, &e);
			assert_int_equal(r.product, want);
			assert_int_equal(rc, want ? RC_OK : RC_UNSUPPORTED);
		}
}

static void test_product_of_certificate(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_report r;
	struct err e;

	(void)state;
	make(report, 3, false);
	assert_int_equal(snp_report_parse(report, sizeof(report), &r, &e), 0);
	/* It says itself what it is of. */
	assert_int_equal(snp_report_product(&r, SNP_TURIN, &e), RC_OK);
	assert_int_equal(r.product, SNP_MILAN);
	assert_false(r.has_fmc);
	assert_int_equal(snp_report_product(&r, SNP_MILAN, &e), RC_OK);
	make(report, 2, true);
	assert_int_equal(snp_report_parse(report, sizeof(report), &r, &e), 0);
	assert_int_equal(snp_report_product(&r, SNP_TURIN, &e), RC_OK);
	assert_int_equal(r.product, SNP_TURIN);
	assert_true(r.has_fmc);
	make(report, 2, false);
	memset(report + 0x1a0, 0, 64);
	assert_int_equal(snp_report_parse(report, sizeof(report), &r, &e), 0);
	assert_int_equal(snp_report_product(&r, SNP_PRODUCT_UNKNOWN, &e),
			 RC_UNSUPPORTED);
	assert_string_equal(e.msg, "report: version 2 with a masked chip id: "
				   "without certificates its TCB cannot be "
				   "read");
	assert_int_equal(snp_report_product(&r, SNP_MILAN, &e), RC_OK);
}

/* The report of the tests below, parsed. */
static struct snp_report parsed(bool turin)
{
	static uint8_t report[SNP_REPORT_SIZE];
	struct snp_report r;
	struct err e;

	make(report, 5, turin);
	assert_int_equal(parse(report, &r, &e), RC_OK);
	return r;
}

static const struct snp_check *check(const struct snp_checks *c,
				     const char *name)
{
	size_t i = 0;

	while (i < c->n && strcmp(c->v[i].name, name) != 0)
		i++;
	assert_true(i < c->n);
	return &c->v[i];
}

/* Compares without a certificate: the named check has this result. */
static void compare(const struct snp_report *r, const struct snp_expect *x,
		    const char *name, enum snp_result want, const char *message)
{
	struct snp_checks c;
	struct err e = {""};
	int rc = snp_report_check(r, NULL, x, &c, &e);

	assert_int_equal(check(&c, name)->result, want);
	assert_int_equal(snp_checks_ok(&c, name), want == SNP_OK);
	assert_int_equal(rc, want == SNP_FAILED ? RC_MISMATCH : RC_OK);
	assert_string_equal(e.msg, message);
}

/* Every byte string that can be expected: right, and wrong in each bit. */
static void test_bytes(void **state)
{
	struct snp_report r = parsed(false);
	struct snp_expect x = {0};
	struct snp_checks c;
	struct err e;
	const struct {
		const char *name;
		const uint8_t **want;
		const uint8_t *is;
		size_t n;
	} fields[] = {
		{"host_data", &x.host_data, r.host_data, 32},
		{"report_data", &x.report_data, r.report_data, 64},
		{"id_key_digest", &x.id_key_digest, r.id_key_digest, 48},
		{"author_key_digest", &x.author_key_digest, r.author_key_digest,
		 48},
		{"family_id", &x.family_id, r.family_id, 16},
		{"image_id", &x.image_id, r.image_id, 16},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		uint8_t want[64];

		x = (struct snp_expect){0};
		compare(&r, &x, fields[i].name, SNP_NOT_COMPARED, "");
		memcpy(want, fields[i].is, fields[i].n);
		*fields[i].want = want;
		compare(&r, &x, fields[i].name, SNP_OK, "");
		for (size_t bit = 0; bit < 8 * fields[i].n; bit++) {
			want[bit / 8] ^= (uint8_t)(1U << bit % 8);
			assert_int_equal(snp_report_check(&r, NULL, &x, &c, &e),
					 RC_MISMATCH);
			assert_int_equal(check(&c, fields[i].name)->result,
					 SNP_FAILED);
			want[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
	}
}

static void test_author_key(void **state)
{
	struct snp_report r = parsed(false);
	struct snp_expect x = {.author_key_digest = r.author_key_digest};

	(void)state;
	r.author_key_en = false;
	compare(&r, &x, "author_key_digest", SNP_FAILED,
		"author_key_digest: expected "
		"1112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e"
		"2f303132333435363738393a3b3c3d3e3f40, is none");
	x.author_key_digest = NULL;
	compare(&r, &x, "author_key_digest", SNP_NOT_COMPARED, "");
}

static void test_measurements(void **state)
{
	struct snp_report r = parsed(false);
	uint8_t list[3][SNP_REPORT_DIGEST];
	struct snp_expect x = {.measurements = list};

	(void)state;
	compare(&r, &x, "measurement", SNP_NOT_COMPARED, "");
	for (size_t i = 0; i < 3; i++) {
		memset(list, 0xee, sizeof(list));
		memcpy(list[i], r.measurement, sizeof(r.measurement));
		x.nr_measurements = 3;
		compare(&r, &x, "measurement", SNP_OK, "");
		x.nr_measurements = i;
		if (i == 1)
			compare(&r, &x, "measurement", SNP_FAILED,
				"measurement: expected "
				"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
				"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
				"eeee, is 909192939495969798999a9b9c9d9e9fa0a1"
				"a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7"
				"b8b9babbbcbdbebf");
		if (i == 2)
			compare(&r, &x, "measurement", SNP_FAILED,
				"measurement: expected one of 2 values, is "
				"909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5"
				"a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babb"
				"bcbdbebf");
	}
}

static void test_policy(void **state)
{
	struct snp_report r = parsed(false);
	const uint64_t same = 0x3001f, other = 0x3001e;
	struct snp_expect x = {.policy = &same};

	(void)state;
	compare(&r, &x, "policy", SNP_OK, "");
	x.policy = &other;
	compare(&r, &x, "policy", SNP_FAILED,
		"policy: expected 0x3001e, is 0x3001f");
	x = (struct snp_expect){.policy_require = 0x110000};
	compare(&r, &x, "policy_require", SNP_FAILED,
		"policy_require: expected 0x110000, is 0x10000");
	x.policy_require = 0x10000;
	compare(&r, &x, "policy_require", SNP_OK, "");
	x = (struct snp_expect){.policy_forbid = 0x30000};
	compare(&r, &x, "policy_forbid", SNP_FAILED,
		"policy_forbid: expected 0x0, is 0x30000");
	x.policy_forbid = 0x200000;
	compare(&r, &x, "policy_forbid", SNP_OK, "");
}

/* Also a policy that is expected exactly must not allow debugging. */
static void test_debug(void **state)
{
	struct snp_report r = parsed(false);
	struct snp_expect x = {.policy = &r.policy};

	(void)state;
	compare(&r, &x, "policy_debug", SNP_OK, "");
	r.policy |= 1 << 19;
	compare(&r, &x, "policy_debug", SNP_FAILED,
		"policy_debug: expected off, is on");
	x.allow_debug = true;
	compare(&r, &x, "policy_debug", SNP_NOT_COMPARED, "");
	r.policy |= 1 << 18;
	compare(&r, &x, "policy_migrate_ma", SNP_FAILED,
		"policy_migrate_ma: expected off, is on");
	x.allow_migration = true;
	compare(&r, &x, "policy_migrate_ma", SNP_NOT_COMPARED, "");
}

static void test_numbers(void **state)
{
	struct snp_report r = parsed(false);
	struct snp_expect x = {.vmpl = 1};

	(void)state;
	compare(&r, &x, "vmpl", SNP_FAILED, "vmpl: expected 1, is 0");
	r.vmpl = UINT32_MAX; /* the host asked for it */
	x.vmpl = 0;
	compare(&r, &x, "vmpl", SNP_FAILED, "vmpl: expected 0, is 4294967295");
	r.vmpl = 0;
	compare(&r, &x, "vmpl", SNP_OK, "");
	x.min_guest_svn = 8;
	compare(&r, &x, "guest_svn", SNP_FAILED,
		"guest_svn: expected at least 8, is 7");
	x.min_guest_svn = 7;
	compare(&r, &x, "guest_svn", SNP_OK, "");
}

/* Each part of each TCB, one below, equal, one above. */
static void test_min_tcb(void **state)
{
	static const char *const names[SNP_NR_TCBS] = {
		[SNP_REPORTED] = "reported_tcb",
		[SNP_COMMITTED] = "committed_tcb",
		[SNP_CURRENT] = "current_tcb",
		[SNP_LAUNCH] = "launch_tcb",
	};
	struct snp_checks c;
	struct err e;

	(void)state;
	for (int which = 0; which < SNP_NR_TCBS; which++)
		for (int part = 0; part < SNP_TCB_PARTS; part++)
			for (int above = -1; above <= 1; above++) {
				struct snp_report r = parsed(true);
				struct snp_expect x = {0};

				for (int i = 0; i < SNP_NR_TCBS; i++)
					r.tcb[i].v[part] = 100;
				r.tcb[which].v[part] = (uint8_t)(100 + above);
				x.min_tcb_set[part] = true;
				x.min_tcb.v[part] = 100;
				assert_int_equal(
					snp_report_check(&r, NULL, &x, &c, &e),
					above < 0 ? RC_MISMATCH : RC_OK);
				assert_int_equal(
					check(&c, names[which])->result,
					above < 0 ? SNP_FAILED : SNP_OK);
			}
}

static void test_min_tcb_text(void **state)
{
	struct snp_report r = parsed(true);
	struct snp_expect x = {
		.min_tcb_set = {[SNP_TCB_FMC] = true, [SNP_TCB_SNP] = true},
		.min_tcb = {{[SNP_TCB_FMC] = 0x10, [SNP_TCB_SNP] = 0x14}},
	};

	(void)state;
	compare(&r, &x, "reported_tcb", SNP_FAILED,
		"reported_tcb: expected at least fmc=16,snp=20, is "
		"fmc=16,bootloader=17,tee=18,snp=19,microcode=20");
	/* A processor without FMC has no minimum of it. */
	r = parsed(false);
	x = (struct snp_expect){.min_tcb_set = {[SNP_TCB_FMC] = true}};
	compare(&r, &x, "reported_tcb", SNP_FAILED,
		"reported_tcb: expected at least fmc=0, is "
		"bootloader=16,tee=17,snp=18,microcode=19");
}

static void test_without_certificate(void **state)
{
	static const char *const names[] = {"product", "signing_key",
					    "certificate_tcb", "chip_id",
					    "signature"};
	struct snp_report r = parsed(false);
	const struct snp_expect x = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		compare(&r, &x, names[i], SNP_NOT_COMPARED, "");
}

static void test_names(void **state)
{
	size_t n;

	(void)state;
	assert_string_equal(snp_product_name(SNP_PRODUCT_UNKNOWN), "unknown");
	assert_string_equal(snp_key_name(SNP_NO_KEY), "none");
	assert_string_equal(snp_result_name(SNP_FAILED), "FAILED");
	assert_int_equal(snp_amd_roots(&n)[2].product, SNP_TURIN);
	assert_int_equal(n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_tcb),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_product),
		cmocka_unit_test(test_product_of_certificate),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_author_key),
		cmocka_unit_test(test_measurements),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_debug),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_min_tcb),
		cmocka_unit_test(test_min_tcb_text),
		cmocka_unit_test(test_without_certificate),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
