/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_snp.c: pages, sections, processors, CPU models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "hash.h"
#include "hex.h"
#include "snp.h"

static struct hash *sha384;

static int setup(void **state)
{
	struct err e;

	(void)state;
	sha384 = hash_new(SHA384_SIZE, &e);
	return sha384 ? 0 : 1;
}

static int teardown(void **state)
{
	(void)state;
	hash_free(sha384);
	return 0;
}

/* PAGE_INFO built here byte by byte, as AMD 56860 8.17.2 draws it. */
static void page_info(const uint8_t cur[48], const uint8_t contents[48],
		      uint8_t type, uint64_t gpa, uint8_t out[48])
{
	uint8_t info[0x70] = {0};
	struct err e;

	memcpy(info, cur, 48);
	memcpy(info + 0x30, contents, 48);
	info[0x60] = 0x70;
	info[0x62] = type;
	for (int i = 0; i < 8; i++)
		info[0x68 + i] = (uint8_t)(gpa >> 8 * i);
	assert_int_equal(hash_bytes(SHA384_SIZE, info, sizeof(info), out, &e),
			 RC_OK);
}

static void test_add(void **state)
{
	static const uint8_t zeros[48];
	uint8_t want[48], page[SNP_PAGE], contents[48];
	struct snp_launch l = {.sha384 = sha384};

	(void)state;
	snp_add(&l, SNP_PAGE_CPUID, 0x123456789abcULL, NULL);
	page_info(zeros, zeros, 6, 0x123456789abcULL, want);
	assert_memory_equal(l.digest, want, 48);
	memset(page, 0x5a, sizeof(page));
	hash_once(sha384, page, sizeof(page), contents);
	page_info(want, contents, 1, 0x1000, want);
	snp_add_page(&l, SNP_PAGE_NORMAL, 0x1000, page);
	assert_memory_equal(l.digest, want, 48);
}

struct seen {
	size_t n;
	enum snp_page_type type[16];
	uint64_t gpa[16];
};

static void record(void *arg, enum snp_page_type type, uint64_t gpa,
		   const uint8_t digest[SNP_DIGEST])
{
	struct seen *s = arg;

	(void)digest;
	assert_true(s->n < 16);
	s->type[s->n] = type;
	s->gpa[s->n++] = gpa;
}

/* The firmware ends at 4 GiB, whatever its size. */
static void test_firmware(void **state)
{
	static uint8_t image[3 * SNP_PAGE];
	struct seen s = {0};
	struct snp_launch l = {
		.sha384 = sha384, .trace = record, .trace_arg = &s};
	struct err e;

	(void)state;
	assert_int_equal(snp_add_firmware(&l, image, sizeof(image), &e), RC_OK);
	assert_int_equal(s.n, 3);
	assert_true(s.gpa[0] == 0xffffd000 && s.gpa[2] == 0xfffff000);
	assert_int_equal(s.type[1], SNP_PAGE_NORMAL);
	assert_int_equal(snp_add_firmware(&l, image, 4095, &e), RC_FORMAT);
	assert_string_equal(e.msg, "size 4095 is not a multiple of 4096");
}

static const struct ovmf sections = {
	.has_sev = true,
	.hashes = {true, 0x7c00, 0x400},
	.nr_sev = 6,
	.sev = {{0x1000, 0x2000, OVMF_SNP_SEC_MEM},
		{0x4000, 0x1000, OVMF_SNP_CPUID},
		{0x5000, 0x1000, OVMF_SNP_SECRETS},
		{0x6000, 0x1000, OVMF_SNP_SVSM_CAA},
		{0x7000, 0x1000, OVMF_SNP_KERNEL_HASHES},
		{0x8000, 0x1000, 0x77}},
};

/* Pages of the sections above, for each VMM and with or without a table. */
static const struct {
	enum snp_vmm vmm;
	bool table;
	const char *pages; /* "TYPE:GPA in KiB" */
} orders[] = {
	{SNP_VMM_QEMU, false, "3:4 3:8 6:16 5:20 3:24 3:28 3:32 "},
	{SNP_VMM_LEGACY, true, "3:4 3:8 6:16 5:20 3:24 1:28 3:32 "},
	{SNP_VMM_QEMU, true, "3:4 3:8 6:16 5:20 3:24 1:28 3:32 "},
	{SNP_VMM_EC2, false, "3:4 3:8 5:20 3:24 3:28 3:32 6:16 "},
	{SNP_VMM_EC2_OLD, false, "3:4 3:8 5:20 3:24 3:28 3:32 6:16 "},
	{SNP_VMM_GCE, false, "4:4 4:8 6:16 5:20 3:24 3:28 3:32 "},
};

static void test_sections(void **state)
{
	static const uint8_t table[SEV_HASHES_TABLE] = {1};

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct seen s = {0};
		struct snp_launch l = {
			.sha384 = sha384, .trace = record, .trace_arg = &s};
		char text[256] = "";
		size_t n = 0;
		struct err e;

		assert_int_equal(
			snp_add_sections(&l, &sections, orders[i].vmm,
					 orders[i].table ? table : NULL, &e),
			RC_OK);
		for (size_t k = 0; k < s.n; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
					      "%d:%u ", (int)s.type[k],
					      (unsigned int)(s.gpa[k] / 1024));
		assert_string_equal(text, orders[i].pages);
	}
}

/* What no VM launches with. */
static const struct {
	struct ovmf_sev_section section;
	const char *message;
} bad_sections[] = {
	{{0x1000, 0, 1}, "0x0 bytes: no VM launches"},
	{{0x1000, 0xfff, 1}, "0xfff bytes: no VM launches"},
	{{0x1001, 0x1000, 1}, "at 0x1001 has"},
	{{0x1000, 0x2000, 2}, "SNP_SECRETS has 0x2000 bytes instead of one"},
	{{0x1000, 0x2000, 3}, "CPUID has 0x2000 bytes instead of one"},
	{{0x1000, 0x2000, 0x10}, "KERNEL_HASHES has 0x2000 bytes instead"},
	{{0xfffff000, 0x2000, 1}, "ends above 4 GiB"},
};

static void test_bad_sections(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_sections) / sizeof(bad_sections[0]);
	     i++) {
		struct ovmf o = {.nr_sev = 1};
		struct snp_launch l = {.sha384 = sha384};
		struct err e = {""};

		o.sev[0] = bad_sections[i].section;
		assert_int_equal(
			snp_add_sections(&l, &o, SNP_VMM_QEMU, NULL, &e),
			RC_FORMAT);
		assert_non_null(strstr(e.msg, bad_sections[i].message));
	}
}

/* A page is given to the guest once. */
static void test_overlaps(void **state)
{
	static const struct {
		struct ovmf_sev_section a, b;
		int rc;
	} pairs[] = {
		{{0x1000, 0x2000, 1}, {0x3000, 0x1000, 1}, RC_OK},
		{{0x1000, 0x2000, 1}, {0x2000, 0x1000, 1}, RC_FORMAT},
		{{0x2000, 0x1000, 2}, {0x1000, 0x2000, 1}, RC_FORMAT},
		{{0x1000, 0x3000, 1}, {0x2000, 0x1000, 3}, RC_FORMAT},
		{{0x1000, 0x1000, 1}, {0x1000, 0x1000, 1}, RC_FORMAT},
		{{0x1000, 0x1000, 1}, {0xffffe000, 0x1000, 1}, RC_OK},
		{{0x1000, 0x1000, 1}, {0xffffe000, 0x2000, 1}, RC_FORMAT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct ovmf o = {.size = SNP_PAGE, .nr_sev = 2};
		struct snp_launch l = {.sha384 = sha384};
		struct err e = {""};

		o.sev[0] = pairs[i].a;
		o.sev[1] = pairs[i].b;
		assert_int_equal(
			snp_add_sections(&l, &o, SNP_VMM_QEMU, NULL, &e),
			pairs[i].rc);
		if (pairs[i].rc)
			assert_non_null(strstr(e.msg, "overlap"));
	}
}

static void test_no_room_for_hashes(void **state)
{
	static const uint8_t table[SEV_HASHES_TABLE];
	struct ovmf o = sections;
	struct snp_launch l = {.sha384 = sha384};
	struct err e = {""};

	(void)state;
	o.hashes.size = SEV_HASHES_TABLE - 1;
	assert_int_equal(snp_add_sections(&l, &o, SNP_VMM_QEMU, table, &e),
			 RC_FORMAT);
	assert_int_equal(sev_can_verify(&o, &e), RC_FORMAT);
	/* The end of the page counts for SNP alone. */
	o.hashes = (struct ovmf_area){true, 0x7f51, 0x400};
	assert_int_equal(sev_can_verify(&o, &e), RC_OK);
	assert_int_equal(snp_add_sections(&l, &o, SNP_VMM_QEMU, table, &e),
			 RC_FORMAT);
	o.hashes.base = 0x7f50;
	assert_int_equal(snp_add_sections(&l, &o, SNP_VMM_QEMU, table, &e),
			 RC_OK);
	o.hashes.base = 0x8f50;
	assert_int_equal(snp_add_sections(&l, &o, SNP_VMM_QEMU, table, &e),
			 RC_FORMAT);
	assert_non_null(strstr(e.msg, "is not in the SNP_KERNEL_HASHES"));
	o.hashes.base = 0;
	assert_int_equal(sev_can_verify(&o, &e), RC_UNSUPPORTED);
	o.hashes.present = false;
	assert_int_equal(sev_can_verify(&o, &e), RC_UNSUPPORTED);
	o.nr_sev = 0;
	assert_int_equal(snp_add_sections(&l, &o, SNP_VMM_QEMU, table, &e),
			 RC_UNSUPPORTED);
	assert_non_null(strstr(e.msg, "no SNP_KERNEL_HASHES section"));
}

static void test_models(void **state)
{
	/* QEMU 10.2 target/i386/cpu.c, builtin_x86_defs[] */
	static const struct {
		const char *name;
		uint32_t family, model, stepping, sig;
	} known[] = {
		{"EPYC", 23, 1, 2, 0x00800f12},
		{"epyc-v5", 23, 1, 2, 0x00800f12},
		{"EPYC-IBPB", 23, 1, 2, 0x00800f12},
		{"EPYC-Rome-v4", 23, 49, 0, 0x00830f10},
		{"EPYC-Milan-v99", 25, 1, 1, 0x00a00f11},
		{"EPYC-Genoa", 25, 17, 0, 0x00a10f10},
		{"EPYC-Turin-v2", 26, 0, 0, 0x00b00f00},
	};
	static const char *const unknown[] = {
		"",	  "EPY",      "EPYC-",	     "EPYC-v",	   "EPYC-vx",
		"EPYC-1", "EPYC-Rom", "EPYC-Milan1", "EPYC-v1-v2", "-v1",
		"v1",	  "host",     "EPYC-v 1",
	};
	uint32_t sig;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_true(snp_cpu_signature(known[i].name, &sig));
		assert_int_equal(sig, known[i].sig);
		assert_true(snp_cpu_pack(known[i].family, known[i].model,
					 known[i].stepping, &sig));
		assert_int_equal(sig, known[i].sig);
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_false(snp_cpu_signature(unknown[i], &sig));
	for (size_t i = 0; snp_cpu_model(i); i++)
		assert_true(snp_cpu_signature(snp_cpu_model(i), &sig));
	assert_true(snp_cpu_pack(6, 15, 11, &sig)); /* no extended family */
	assert_int_equal(sig, 0x000006fb);
	assert_true(snp_cpu_pack(270, 255, 15, &sig));
	assert_false(snp_cpu_pack(271, 0, 0, &sig));
	assert_false(snp_cpu_pack(23, 256, 0, &sig));
	assert_false(snp_cpu_pack(23, 0, 16, &sig));
}

/* Recorded pages: VMM_SIGNATURE_FEATURES_{bsp,ap}.bin, the first 0x418. */
static const struct {
	const char *name;
	struct snp_vcpu v;
} recorded[] = {
	{"QEMU_00800f12_1_bsp", {SNP_VMM_QEMU, SNP_BSP_EIP, 0x800f12, 1}},
	{"QEMU_00800f12_1_ap", {SNP_VMM_QEMU, 0x80b004, 0x800f12, 1}},
	{"QEMU_00a00f11_21_bsp", {SNP_VMM_QEMU, SNP_BSP_EIP, 0xa00f11, 0x21}},
	{"QEMU_00a00f11_21_ap", {SNP_VMM_QEMU, 0x80b004, 0xa00f11, 0x21}},
	{"legacy_00800f12_1_bsp", {SNP_VMM_LEGACY, SNP_BSP_EIP, 0x800f12, 1}},
	{"legacy_00800f12_1_ap", {SNP_VMM_LEGACY, 0x80b004, 0x800f12, 1}},
	{"ec2_00000000_1_bsp", {SNP_VMM_EC2, SNP_BSP_EIP, 0, 1}},
	{"ec2_00000000_1_ap", {SNP_VMM_EC2, 0x80b004, 0, 1}},
	{"gce_00000000_1_bsp", {SNP_VMM_GCE, SNP_BSP_EIP, 0, 1}},
	{"gce_00000000_1_ap", {SNP_VMM_GCE, 0x80b004, 0, 1}},
};

static void test_recorded_vmsa(void **state)
{
	const char *vectors = getenv("VECTORS");
	uint8_t page[SNP_PAGE], want[SNP_PAGE];
	char path[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		FILE *f;

		(void)snprintf(path, sizeof(path), "%s/snp/vmsa/%s.bin",
			       vectors ? vectors : "../shared/vectors",
			       recorded[i].name);
		f = fopen(path, "rb");
		if (!f && i == 0)
			skip(); /* VECTORS has no snp/vmsa */
		assert_non_null(f);
		memset(want, 0, sizeof(want));
		assert_int_equal(fread(want, 1, sizeof(want), f), 0x418);
		fclose(f);
		snp_vmsa(&recorded[i].v, page);
		assert_memory_equal(page, want, sizeof(page));
	}
	printf("# compared %zu lines\n",
	       sizeof(recorded) / sizeof(recorded[0]));
}

/* In which ec2-old differs from ec2: rdx alone. */
static void test_ec2_old(void **state)
{
	const struct snp_vcpu new = {SNP_VMM_EC2, SNP_BSP_EIP, 0, 1};
	const struct snp_vcpu old = {SNP_VMM_EC2_OLD, SNP_BSP_EIP, 0, 1};
	uint8_t a[SNP_PAGE], b[SNP_PAGE];

	(void)state;
	snp_vmsa(&new, a);
	snp_vmsa(&old, b);
	assert_int_equal(a[0x311], 6);
	assert_int_equal(b[0x311], 0);
	a[0x311] = 0;
	assert_memory_equal(a, b, sizeof(a));
}

static void test_vmm_names(void **state)
{
	enum snp_vmm vmm;

	(void)state;
	for (int i = 0; i < SNP_NR_VMMS; i++) {
		assert_true(snp_vmm_parse(snp_vmm_name((enum snp_vmm)i), &vmm));
		assert_int_equal(vmm, i);
	}
	assert_false(snp_vmm_parse("QEMU", &vmm));
	assert_false(snp_vmm_parse("", &vmm));
}

/* sev_launch_measure() against HMAC-SHA-256 of the bytes, put together here. */
static void test_launch_measure(void **state)
{
	struct sev_launch_measure m = {1, 55, 8, 0x01020304, {0}, {0}};
	uint8_t digest[SEV_DIGEST], text[56], want[32], got[32];
	struct err e;

	(void)state;
	memset(m.mnonce, 0x11, sizeof(m.mnonce));
	memset(m.tik, 0x22, sizeof(m.tik));
	memset(digest, 0x33, sizeof(digest));
	memcpy(text, "\x04\x01\x37\x08\x04\x03\x02\x01", 8);
	memset(text + 8, 0x33, 32);
	memset(text + 40, 0x11, 16);
	assert_int_equal(
		hash_hmac(SHA256_SIZE, m.tik, 16, text, sizeof(text), want, &e),
		RC_OK);
	assert_int_equal(sev_launch_measure(&m, digest, got, &e), RC_OK);
	assert_memory_equal(got, want, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_firmware),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_bad_sections),
		cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_no_room_for_hashes),
		cmocka_unit_test(test_models),
		cmocka_unit_test(test_recorded_vmsa),
		cmocka_unit_test(test_ec2_old),
		cmocka_unit_test(test_vmm_names),
		cmocka_unit_test(test_launch_measure),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
