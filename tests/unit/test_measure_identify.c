/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_identify.c: every variant by name, the order, the bounds. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "identify.h"
#include "snp.h"
#include "wr.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { IMAGE = 0x10000, STORE = 0x4000, EIP = 0x80b004 };

static const uint8_t kernel[] = "kernel", initrd[] = "initrd";
static char text[IDENTIFY_TEXT];

/* GUIDs as they stand in the image. */
static const uint8_t footer_guid[16] = {0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f,
					0xf7, 0x45, 0xba, 0xea, 0xa3, 0x66,
					0xc5, 0x5a, 0x08, 0x2d};
static const uint8_t reset_guid[16] = {0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a,
				       0xcb, 0x4f, 0x89, 0x0e, 0x68, 0xc7,
				       0x7e, 0x2f, 0xb4, 0x4e};
static const uint8_t hashes_guid[16] = {0x1f, 0x37, 0x55, 0x72, 0x3b, 0x3a,
					0x04, 0x4b, 0x92, 0x7b, 0x1d, 0xa6,
					0xef, 0xa8, 0xd4, 0x54};
static const uint8_t sev_guid[16] = {0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98,
				     0x98, 0x47, 0xa7, 0x5e, 0x55, 0x85,
				     0xa7, 0xbf, 0x67, 0xcc};
static const uint8_t vars_guid[16] = {0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76,
				      0x8b, 0x4c, 0xa9, 0x85, 0x27, 0x47,
				      0x07, 0x5b, 0x4f, 0x50};

struct image {
	uint8_t b[IMAGE];
};

/* Entries of the table, the one at the lowest address first. */
static void put_table(struct wr *w, uint32_t eip, bool hashes, uint32_t pages)
{
	size_t start = w->pos;

	wr_le32(w, 0x200); /* from the end to the metadata */
	wr_le16(w, 22);
	wr_bytes(w, sev_guid, 16);
	if (hashes) {
		wr_le32(w, 0x810c00);
		wr_le32(w, 0x400);
		wr_le16(w, 26);
		wr_bytes(w, hashes_guid, 16);
	}
	if (eip) {
		wr_le32(w, eip);
		wr_le16(w, 22);
		wr_bytes(w, reset_guid, 16);
	}
	wr_le16(w, (uint16_t)(w->pos - start + 18));
	wr_bytes(w, footer_guid, 16);
	assert_int_equal(w->pos, IMAGE - 0x20);
	wr_seek(w, IMAGE - 0x200);
	wr_bytes(w, "ASEV", 4);
	wr_le32(w, 16 + 4 * 12);
	wr_le32(w, 1);
	wr_le32(w, 4);
	wr_le32(w, 0x800000);
	wr_le32(w, pages * SNP_PAGE);
	wr_le32(w, OVMF_SNP_SEC_MEM);
	wr_le32(w, 0x80d000);
	wr_le32(w, SNP_PAGE);
	wr_le32(w, OVMF_SNP_SECRETS);
	wr_le32(w, 0x80e000);
	wr_le32(w, SNP_PAGE);
	wr_le32(w, OVMF_SNP_CPUID);
	wr_le32(w, 0x810000);
	wr_le32(w, SNP_PAGE);
	wr_le32(w, hashes ? OVMF_SNP_KERNEL_HASHES : OVMF_SNP_SVSM_CAA);
	assert_false(w->failed);
}

/* fill tells builds apart; each starts its processors elsewhere. */
static void make_image(struct image *i, uint8_t fill, bool reset, bool hashes,
		       uint32_t pages)
{
	struct wr w = wr_of(i->b, IMAGE);
	size_t table = 22 + (hashes ? 26U : 0) + (reset ? 22U : 0) + 18;

	wr_seek(&w, IMAGE - 0x20 - table);
	put_table(&w, reset ? (uint32_t)(EIP + fill) : 0U, hashes, pages);
	i->b[IMAGE / 2] = fill;
}

/* The same with a store of variables in its first bytes. */
static void put_store(struct image *i, uint64_t length)
{
	struct wr w = {i->b, IMAGE, 16, false};

	wr_bytes(&w, vars_guid, 16);
	wr_le64(&w, length);
	wr_bytes(&w, "_FVH", 4);
}

/* A launch as it is measured, from the functions behind mote-measure snp. */
struct launch {
	const char *cmdline; /* NULL: kernel hashes are off */
	size_t more;	     /* NUL bytes that belong to it */
	bool open;	     /* hashed without the one behind it */
	int no_initrd;	     /* 1: left out, 2: exchanged with the kernel */
	enum snp_vmm vmm;
	uint32_t sig;
	uint64_t features;
	size_t vcpus;
	size_t cut; /* bytes of the image that are not mapped */
	uint8_t fill;
};

static const uint8_t *table_of(const struct launch *l,
			       uint8_t table[SEV_HASHES_TABLE])
{
	struct sev_hashes h;
	struct err e;
	size_t len = l->cmdline ? strlen(l->cmdline) + l->more : 0;

	if (!l->cmdline)
		return NULL;
	assert_int_equal(sev_hashes_of(kernel, sizeof(kernel), initrd,
				       l->no_initrd == 1 ? 0 : sizeof(initrd),
				       (const uint8_t *)l->cmdline, len, &h,
				       &e),
			 RC_OK);
	if (l->no_initrd == 2)
		assert_int_equal(sev_hashes_of(initrd, sizeof(initrd), kernel,
					       sizeof(kernel),
					       (const uint8_t *)l->cmdline, len,
					       &h, &e),
				 RC_OK);
	if (l->open)
		assert_int_equal(
			hash_bytes(SHA256_SIZE, l->cmdline, len, h.cmdline, &e),
			RC_OK);
	sev_hashes_table(&h, table);
	return table;
}

static void measure_snp(const struct launch *l, const struct image *i,
			uint8_t out[SNP_DIGEST])
{
	const struct snp_vcpu bsp = {l->vmm, SNP_BSP_EIP, l->sig, l->features};
	uint8_t table[SEV_HASHES_TABLE];
	struct snp_launch s = {{0}, NULL, NULL, NULL};
	struct snp_vmsas v;
	struct ovmf o;
	struct err e;

	s.sha384 = hash_new(SHA384_SIZE, &e);
	assert_non_null(s.sha384);
	assert_int_equal(ovmf_parse(i->b, IMAGE, &o, &e), RC_OK);
	assert_int_equal(
		snp_add_firmware(&s, i->b + l->cut, IMAGE - l->cut, &e), RC_OK);
	assert_int_equal(
		snp_add_sections(&s, &o, l->vmm, table_of(l, table), &e),
		RC_OK);
	snp_vmsas(s.sha384, &bsp, o.reset_eip, &v);
	for (size_t n = 0; n < l->vcpus; n++)
		snp_add_vcpu(&s, &v, n);
	memcpy(out, s.digest, SNP_DIGEST);
	hash_free(s.sha384);
}

static void measure_sev(const struct launch *l, const struct image *i,
			uint8_t out[SNP_DIGEST])
{
	const struct snp_vcpu bsp = {l->vmm, SNP_BSP_EIP, l->sig, l->features};
	uint8_t table[SEV_HASHES_TABLE];
	struct err e;
	struct hash *h = hash_new(SHA256_SIZE, &e);

	assert_non_null(h);
	sev_begin(h, i->b + l->cut, IMAGE - l->cut, table_of(l, table));
	for (size_t n = 0; n < l->vcpus; n++)
		sev_add_vcpu(h, &bsp, (uint32_t)(EIP + l->fill), n);
	hash_final(h, out);
	hash_free(h);
}

static void measure(enum identify_mode mode, const struct launch *l,
		    uint8_t out[SNP_DIGEST])
{
	struct image i;

	make_image(&i, l->fill, true, true, 9);
	if (l->cut)
		put_store(&i, l->cut);
	(mode == IDENTIFY_SNP ? measure_snp : measure_sev)(l, &i, out);
}

#define MILAN 0x00a00f11U
#define GENOA 0x00a10f10U

static struct identify_expected expected_of(enum identify_mode mode,
					    const struct launch *l,
					    const uint8_t *digest)
{
	struct identify_expected x = {
		.mode = mode,
		.digest = digest,
		.vmm = l->vmm,
		.sig = l->sig,
		.features = l->features,
		.vcpus = l->vcpus,
	};

	if (!l->cmdline)
		return x;
	x.kernel = (struct identify_bytes){kernel, sizeof(kernel)};
	if (!l->no_initrd)
		x.initrd = (struct identify_bytes){initrd, sizeof(initrd)};
	x.cmdline = (struct identify_bytes){(const uint8_t *)l->cmdline,
					    strlen(l->cmdline)};
	return x;
}

/* A search with builds "1.fd" to "<builds>.fd". */
static struct identify *start(const struct identify_expected *x, uint8_t builds,
			      size_t store)
{
	struct err e = {""};
	struct identify *q = identify_new(x, &e);
	struct image i;
	char name[16];

	assert_non_null(q);
	for (int n = 1; n <= builds; n++) {
		make_image(&i, (uint8_t)n, true, true, 9);
		if (store)
			put_store(&i, store);
		(void)snprintf(name, sizeof(name), "%d.fd", n);
		assert_int_equal(identify_add_firmware(q, name, i.b, IMAGE, &e),
				 RC_OK);
	}
	return q;
}

static void check(enum identify_mode mode, const struct launch *expected,
		  const struct launch *real, const char *words)
{
	uint8_t digest[SNP_DIGEST] = {0};
	struct identify_expected x = expected_of(mode, expected, digest);
	struct identify_result r;
	struct identify *q;
	struct err e;

	measure(mode, real, digest);
	q = start(&x, 2, real->cut);
	assert_int_equal(identify_run(q, &r, &e), RC_OK);
	identify_words(q, &r, text);
	assert_string_equal(text, words);
	identify_free(q);
}

#define LINE "a=\"b c\""

/* What a launch may be instead of the first one. */
static const struct {
	struct launch l;
	const char *words;
} snp_variants[] = {
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the digest is exactly the expected one"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 1, 0, 1},
	 "this is the digest of 1 vCPU instead of 2"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 4, 0, 1},
	 "this is the digest of 4 vCPUs instead of 2"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 512, 0, 1},
	 "this is the digest of 512 vCPUs instead of 2"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 0, 0, 1},
	 "this is the digest of no vCPU instead of 2"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, 0x00800f12, 1, 2, 0, 1},
	 "this is the digest with CPU EPYC (0x00800f12) instead of EPYC-Milan "
	 "(0x00a00f11)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, 0x00830f10, 1, 2, 0, 1},
	 "this is the digest with CPU EPYC-Rome (0x00830f10) instead of "
	 "EPYC-Milan (0x00a00f11)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, GENOA, 1, 2, 0, 1},
	 "this is the digest with CPU EPYC-Genoa (0x00a10f10) instead of "
	 "EPYC-Milan (0x00a00f11)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, 0x00b00f00, 1, 2, 0, 1},
	 "this is the digest with CPU EPYC-Turin (0x00b00f00) instead of "
	 "EPYC-Milan (0x00a00f11)"},
	{{LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 1, 2, 0, 1},
	 "this is the digest with QEMU's legacy FPU state (host kernel before "
	 "6.10)"},
	{{LINE, 0, 0, 0, SNP_VMM_EC2, MILAN, 1, 2, 0, 1},
	 "this is the digest with the processor state of ec2 instead of qemu"},
	{{LINE, 0, 0, 0, SNP_VMM_EC2_OLD, MILAN, 1, 2, 0, 1},
	 "this is the digest with the processor state of ec2-old instead of "
	 "qemu"},
	{{LINE, 0, 0, 0, SNP_VMM_GCE, MILAN, 1, 2, 0, 1},
	 "this is the digest with the processor state of gce instead of qemu"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x21, 2, 0, 1},
	 "this is the digest with guest features 0x21 instead of 0x1 "
	 "(DebugSwap on)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x5, 2, 0, 1},
	 "this is the digest with guest features 0x5 instead of 0x1 "
	 "(ReflectVC on)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x201, 2, 0, 1},
	 "this is the digest with guest features 0x201 instead of 0x1 "
	 "(SecureTSC on)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x221, 2, 0, 1},
	 "this is the digest with guest features 0x221 instead of 0x1 "
	 "(DebugSwap on, SecureTSC on)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x8000000000000021, 2, 0, 1},
	 "this is the digest with guest features 0x8000000000000021 instead "
	 "of 0x1 (DebugSwap on, AllowedSevFeatures on)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0, 2, 0, 1},
	 "this is the digest with guest features 0x0 instead of 0x1 "
	 "(SNPActive off)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x11, 2, 0, 1},
	 "this is the digest with guest features 0x11 instead of 0x1 "
	 "(AlternateInjection on)"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x8001, 2, 0, 1},
	 "this is the digest with guest features 0x8001 instead of 0x1 "
	 "(SmtProtection on)"},
	{{NULL, 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "kernel hashes were off (kernel-hashes=off)"},
	{{LINE, 0, 0, 1, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the initrd was left out"},
	{{LINE, 0, 0, 2, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "kernel and initrd were exchanged"},
	{{"", 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the command line was left out"},
	{{LINE " ", 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the command line had a trailing space"},
	{{LINE "\n", 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the command line had a trailing newline"},
	{{LINE, 1, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the command line had a trailing NUL byte of its own"},
	{{" " LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the command line had a leading space"},
	{{LINE, 0, 1, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the command line was hashed without the NUL byte behind it"},
	{{"a=b c", 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the command line lacked its quotation marks"},
	{{"a=\\\"b c\\\"", 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 1},
	 "the command line had backslashes before its quotation marks"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, 0, 2},
	 "the firmware was 2.fd"},
	{{LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 1, 2, STORE, 1},
	 "the firmware was measured without its variable store (the first "
	 "0x4000 bytes)"},
	/* several at once */
	{{LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 1, 8, 0, 1},
	 "this is the digest of 8 vCPUs instead of 2, with QEMU's legacy FPU "
	 "state (host kernel before 6.10)"},
	{{LINE " ", 0, 0, 1, SNP_VMM_QEMU, MILAN, 1, 2, 0, 2},
	 "the command line had a trailing space; the initrd was left out; the "
	 "firmware was 2.fd"},
	{{NULL, 0, 0, 0, SNP_VMM_GCE, MILAN, 0x21, 3, 0, 2},
	 "this is the digest of 3 vCPUs instead of 2, with the processor "
	 "state of gce instead of qemu, with guest features 0x21 instead of "
	 "0x1 (DebugSwap on); kernel hashes were off (kernel-hashes=off); the "
	 "firmware was 2.fd"},
	{{LINE "\n", 0, 0, 0, SNP_VMM_LEGACY, GENOA, 0x21, 511, 0, 1},
	 "this is the digest of 511 vCPUs instead of 2, with QEMU's legacy "
	 "FPU state (host kernel before 6.10), with CPU EPYC-Genoa "
	 "(0x00a10f10) instead of EPYC-Milan (0x00a00f11), with guest "
	 "features 0x21 instead of 0x1 (DebugSwap on); the command line had a "
	 "trailing newline"},
};

static void snp(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(snp_variants); i++)
		check(IDENTIFY_SNP, &snp_variants[0].l, &snp_variants[i].l,
		      snp_variants[i].words);
}

/* The expected command line has what the real one lacks. */
static const struct {
	const char *expected, *real, *words;
} shorter[] = {
	{"x ", "x", "the command line lacked its trailing space"},
	{"x\n", "x", "the command line lacked its trailing newline"},
	{"x \r\n", "x", "the command line lacked the blanks at its end"},
	{" \tx", "x", "the command line lacked the blanks at its beginning"},
	{" x ", "x", "the command line lacked the blanks at both ends"},
	{"x=\\\"y\\\"", "x=\"y\"",
	 "the command line lacked the backslashes before its quotation marks"},
	{"x='y'", "x=y", "the command line lacked its quotation marks"},
	{"", " ", "the command line had a trailing space"},
};

static void command_lines(void **state)
{
	struct launch expected = snp_variants[0].l, real = expected;

	(void)state;
	for (size_t i = 0; i < COUNT(shorter); i++) {
		expected.cmdline = shorter[i].expected;
		real.cmdline = shorter[i].real;
		check(IDENTIFY_SNP, &expected, &real, shorter[i].words);
	}
}

/* Expectations other than the first: words name them. */
static const struct {
	enum identify_mode mode;
	struct launch expected, real;
	const char *words;
} others[] = {
	{IDENTIFY_SNP,
	 {NULL, 0, 0, 0, SNP_VMM_LEGACY, 0x12345678, 0x21, 600, 0, 1},
	 {NULL, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x1, 600, 0, 1},
	 "this is the digest with QEMU's initialised FPU state (host kernel "
	 "6.10 or later), with CPU EPYC-Milan (0x00a00f11) instead of "
	 "0x12345678, with guest features 0x1 instead of 0x21 (DebugSwap "
	 "off)"},
	{IDENTIFY_SNP,
	 {NULL, 0, 0, 0, SNP_VMM_EC2, MILAN, 0x1, 600, 0, 1},
	 {NULL, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x1, 599, 0, 1},
	 "this is the digest of 599 vCPUs instead of 600, with the processor "
	 "state of qemu instead of ec2"},
	{IDENTIFY_SNP,
	 {NULL, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x800, 1, 0, 1},
	 {NULL, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0x1, 1, 0, 1},
	 "this is the digest with guest features 0x1 instead of 0x800 "
	 "(SNPActive on)"},
	{IDENTIFY_SNP,
	 {LINE, 0, 0, 1, SNP_VMM_QEMU, MILAN, 0x1, 2, 0, 1},
	 {LINE, 0, 0, 1, SNP_VMM_QEMU, MILAN, 0x1, 2, 0, 1},
	 "the digest is exactly the expected one"},
	{IDENTIFY_SEV_ES,
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 2, 0, 1},
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 2, 0, 1},
	 "the digest is exactly the expected one"},
	{IDENTIFY_SEV_ES,
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 2, 0, 1},
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 500, 0, 1},
	 "this is the digest of 500 vCPUs instead of 2"},
	{IDENTIFY_SEV_ES,
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 2, 0, 1},
	 {LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0, 2, 0, 1},
	 "this is the digest without QEMU's legacy VM type (FPU state "
	 "initialised)"},
	{IDENTIFY_SEV_ES,
	 {LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0, 2, 0, 1},
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0x20, 2, 0, 1},
	 "this is the digest with QEMU's legacy VM type (FPU state left "
	 "zero), with guest features 0x20 instead of 0x0 (DebugSwap on)"},
	{IDENTIFY_SEV_ES,
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 2, 0, 1},
	 {LINE, 0, 0, 1, SNP_VMM_LEGACY, GENOA, 0, 2, 0, 1},
	 "this is the digest with CPU EPYC-Genoa (0x00a10f10) instead of "
	 "EPYC-Milan (0x00a00f11); the initrd was left out"},
	{IDENTIFY_SEV_ES,
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 2, 0, 1},
	 {NULL, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 0, 0, 2},
	 "this is the digest of SEV instead of SEV-ES; kernel hashes were off "
	 "(kernel-hashes=off); the firmware was 2.fd"},
	{IDENTIFY_SEV_ES,
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 2, 0, 1},
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 2, STORE, 1},
	 "the firmware was measured without its variable store (the first "
	 "0x4000 bytes)"},
	{IDENTIFY_SEV,
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 0, 0, 1},
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 0, 0, 1},
	 "the digest is exactly the expected one"},
	{IDENTIFY_SEV,
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 0, 0, 1},
	 {LINE " ", 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 0, 0, 1},
	 "the command line had a trailing space"},
	{IDENTIFY_SEV,
	 {LINE, 0, 0, 0, SNP_VMM_LEGACY, MILAN, 0, 0, 0, 1},
	 {LINE, 0, 0, 0, SNP_VMM_QEMU, MILAN, 0, 3, 0, 1},
	 "this is the digest of SEV-ES with 3 vCPUs instead of SEV, without "
	 "QEMU's legacy VM type (FPU state initialised)"},
};

static void other_expectations(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++)
		check(others[i].mode, &others[i].expected, &others[i].real,
		      others[i].words);
}

static void reverse(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint8_t was = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = was;
	}
}

/* Runs a search of the first launch for this digest. */
static struct identify_result look(const uint8_t *digest, uint8_t builds)
{
	struct identify_expected x =
		expected_of(IDENTIFY_SNP, &snp_variants[0].l, digest);
	struct identify *q = start(&x, builds, 0);
	struct identify_result r;
	struct err e;

	assert_int_equal(identify_run(q, &r, &e), RC_OK);
	identify_words(q, &r, text);
	identify_free(q);
	return r;
}

static void reversed(void **state)
{
	uint8_t digest[SNP_DIGEST];
	struct identify_result r;

	(void)state;
	measure(IDENTIFY_SNP, &snp_variants[0].l, digest);
	reverse(digest, sizeof(digest));
	r = look(digest, 1);
	assert_int_equal(r.kind, IDENTIFY_VARIANT);
	assert_string_equal(
		text, "the digest is given with its bytes in reverse order");
	measure(IDENTIFY_SNP, &snp_variants[2].l, digest);
	reverse(digest, sizeof(digest));
	look(digest, 1);
	assert_string_equal(text,
			    "this is the digest of 4 vCPUs instead of 2; the "
			    "digest is given with its bytes in reverse order");
}

static void no_launch(void **state)
{
	uint8_t digest[SNP_DIGEST] = {0};
	struct snp_launch l = {{0}, NULL, NULL, NULL};
	struct image i;
	struct err e;

	(void)state;
	assert_int_equal(look(digest, 1).kind, IDENTIFY_OTHER);
	assert_string_equal(
		text, "this is no launch digest, but zero in all its bytes");
	make_image(&i, 2, true, true, 9);
	hash_bytes(SHA384_SIZE, i.b, IMAGE, digest, &e);
	look(digest, 2);
	assert_string_equal(text, "this is no launch digest, but the SHA-384 "
				  "of the firmware file 2.fd");
	l.sha384 = hash_new(SHA384_SIZE, &e);
	snp_add_firmware(&l, i.b, IMAGE, &e);
	hash_free(l.sha384);
	look(l.digest, 2);
	assert_string_equal(text, "this is no launch digest, but the digest "
				  "of the pages alone of firmware 2.fd");
	hash_bytes(SHA384_SIZE, kernel, sizeof(kernel), digest, &e);
	look(digest, 1);
	assert_string_equal(text, "this is no launch digest, but the SHA-384 "
				  "of the kernel file");
	hash_bytes(SHA384_SIZE, initrd, sizeof(initrd), digest, &e);
	look(digest, 1);
	assert_string_equal(text, "this is no launch digest, but the SHA-384 "
				  "of the initrd file");
	hash_bytes(SHA384_SIZE, LINE, sizeof(LINE) - 1, digest, &e);
	reverse(digest, sizeof(digest));
	look(digest, 1);
	assert_string_equal(text,
			    "this is no launch digest, but the SHA-384 of the "
			    "command line, with its bytes in reverse order");
}

/*
 * Without a kernel: 2 VMMs with 5 CPUs and 3 VMMs without, each with 21 values
 * of the features and 0 to 512 vCPUs; zero, the pages, and the file.
 */
static void all_of_them(void **state)
{
	const uint8_t digest[SNP_DIGEST] = {1};
	struct launch l = snp_variants[0].l;
	struct identify_result r;
	struct identify_expected x;
	struct identify *q;
	struct err e;

	(void)state;
	l.cmdline = NULL;
	x = expected_of(IDENTIFY_SNP, &l, digest);
	q = start(&x, 1, 0);
	assert_int_equal(identify_run(q, &r, &e), RC_OK);
	assert_int_equal(r.kind, IDENTIFY_NOTHING);
	assert_int_equal(r.tried, (2 * 5 + 3) * 21 * 513 + 3);
	assert_true(r.complete);
	identify_words(q, &r, text);
	assert_string_equal(text,
			    "the digest is none of the 140052 that were "
			    "tried; another kernel, initrd, command line or "
			    "firmware cannot be found: compare their sha256");
	identify_free(q);
}

/* 20 builds with a kernel are 27 million: pairs, but not all. */
static void bound(void **state)
{
	const uint8_t digest[SNP_DIGEST] = {1};
	struct identify_result r = look(digest, 20);

	(void)state;
	assert_int_equal(r.kind, IDENTIFY_NOTHING);
	assert_false(r.complete);
	assert_in_range(r.combined, 2, 5);
	assert_in_range(r.tried, 100000, IDENTIFY_MAX_SNP);
}

/* A store as long as the image, or longer, leaves nothing to launch. */
static void store_without_code(void **state)
{
	const uint64_t lengths[] = {0, IMAGE, IMAGE + 1, UINT64_MAX};
	const uint8_t digest[SNP_DIGEST] = {1};
	struct identify_expected x =
		expected_of(IDENTIFY_SEV, &snp_variants[0].l, digest);
	struct identify *q;
	struct image i;
	struct err e;

	(void)state;
	for (size_t n = 0; n < COUNT(lengths); n++) {
		q = identify_new(&x, &e);
		assert_non_null(q);
		make_image(&i, 1, true, true, 9);
		put_store(&i, lengths[n]);
		assert_int_equal(identify_add_firmware(q, "f", i.b, IMAGE, &e),
				 RC_OK);
		assert_int_equal(identify_choices(q, IDENTIFY_FIRMWARE), 1);
		identify_free(q);
	}
}

/* The most images there may be: all pairs are tried all the same. */
static void pairs_of_many(void **state)
{
	uint8_t digest[SNP_DIGEST];
	struct launch l = snp_variants[0].l;

	(void)state;
	l.fill = 255;
	l.cmdline = LINE " ";
	measure(IDENTIFY_SNP, &l, digest);
	look(digest, 255);
	assert_string_equal(text, "the command line had a trailing space; the "
				  "firmware was 255.fd");
}

static const struct {
	enum identify_mode mode;
	bool reset, hashes;
	uint32_t pages;
	size_t size;
	int rc;
	const char *message;
} refused[] = {
	{IDENTIFY_SNP, true, true, 9, IMAGE - 1, RC_FORMAT,
	 "65535 bytes are no whole number of pages of 4096"},
	{IDENTIFY_SNP, false, true, 9, IMAGE, RC_UNSUPPORTED,
	 "no SEV-ES reset block: where processors start is unknown"},
	{IDENTIFY_SEV_ES, false, true, 9, IMAGE, RC_UNSUPPORTED,
	 "no SEV-ES reset block: where processors start is unknown"},
	{IDENTIFY_SEV, false, true, 9, IMAGE, RC_OK, ""},
	{IDENTIFY_SNP, true, true, 9, 0, RC_FORMAT,
	 "0 bytes are no whole number of pages of 4096"},
	{IDENTIFY_SNP, true, true, 0x4001, IMAGE, RC_LIMIT,
	 "SEV metadata: more than 16384 pages to measure"},
	{IDENTIFY_SNP, true, true, 0, IMAGE, RC_FORMAT,
	 "SEV metadata: section SNP_SEC_MEM at 0x800000 has 0x0 bytes: no VM "
	 "launches with a section that is no whole number of pages"},
	{IDENTIFY_SEV_ES, true, true, 0, IMAGE, RC_OK, ""},
};

static void refusals(void **state)
{
	const uint8_t digest[SNP_DIGEST] = {1};
	struct identify_expected x;
	struct identify *q;
	struct image i;
	struct err e;

	(void)state;
	for (size_t n = 0; n < COUNT(refused); n++) {
		x = expected_of(refused[n].mode, &snp_variants[0].l, digest);
		q = identify_new(&x, &e);
		assert_non_null(q);
		make_image(&i, 1, refused[n].reset, refused[n].hashes,
			   refused[n].pages);
		e.msg[0] = '\0';
		assert_int_equal(
			identify_add_firmware(q, "f", i.b, refused[n].size, &e),
			refused[n].rc);
		assert_string_equal(e.msg, refused[n].message);
		identify_free(q);
	}
}

/* Firmware that cannot verify a kernel: only without hashes. */
static void cannot_verify(void **state)
{
	struct launch l = snp_variants[0].l;
	uint8_t digest[SNP_DIGEST] = {0};
	struct identify_expected x = expected_of(IDENTIFY_SNP, &l, digest);
	struct identify_result r;
	struct identify *q;
	struct image i;
	struct err e;

	(void)state;
	l.cmdline = NULL;
	make_image(&i, 1, true, false, 9);
	measure_snp(&l, &i, digest);
	q = identify_new(&x, &e);
	assert_non_null(q);
	assert_int_equal(identify_add_firmware(q, "f", i.b, IMAGE, &e), RC_OK);
	assert_int_equal(identify_run(q, &r, &e), RC_OK);
	identify_words(q, &r, text);
	assert_string_equal(text, "kernel hashes were off (kernel-hashes=off)");
	identify_free(q);
}

static void names(void **state)
{
	const uint8_t digest[SNP_DIGEST] = {1};
	struct identify_expected x =
		expected_of(IDENTIFY_SNP, &snp_variants[0].l, digest);
	struct identify *q = start(&x, 1, STORE);
	struct image i;
	struct err e;

	(void)state;
	/* The image with its store and without, each once. */
	assert_int_equal(identify_choices(q, IDENTIFY_FIRMWARE), 2);
	make_image(&i, 1, true, true, 9);
	put_store(&i, STORE);
	assert_int_equal(identify_add_firmware(q, "again", i.b, IMAGE, &e),
			 RC_OK);
	assert_int_equal(identify_choices(q, IDENTIFY_FIRMWARE), 2);
	identify_choice(q, IDENTIFY_FIRMWARE, 1, text);
	assert_string_equal(text, "1.fd without its variable store");
	i.b[0x100] = 1;
	assert_int_equal(identify_add_firmware(q, "a\033b\n", i.b, IMAGE, &e),
			 RC_OK);
	identify_choice(q, IDENTIFY_FIRMWARE, 2, text);
	assert_string_equal(text, "a?b?");
	identify_choice(q, IDENTIFY_CMDLINE, 0, text);
	assert_string_equal(text, "as given");
	identify_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(snp),
		cmocka_unit_test(command_lines),
		cmocka_unit_test(other_expectations),
		cmocka_unit_test(reversed),
		cmocka_unit_test(no_launch),
		cmocka_unit_test(all_of_them),
		cmocka_unit_test(bound),
		cmocka_unit_test(store_without_code),
		cmocka_unit_test(pairs_of_many),
		cmocka_unit_test(refusals),
		cmocka_unit_test(cannot_verify),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
