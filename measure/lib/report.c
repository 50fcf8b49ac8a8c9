/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.c: the attestation report of SEV-SNP, byte by byte.
 *
 * ATTESTATION_REPORT (AMD 56860, revision 1.58, MSG_REPORT_RSP), 0x4a0 bytes:
 * 000 VERSION, 004 GUEST_SVN, 008 POLICY (u64), 010 FAMILY_ID[16], 020
 * IMAGE_ID[16], 030 VMPL, 034 SIGNATURE_ALGO, 038 CURRENT_TCB, 040
 * PLATFORM_INFO (u64), 048 key information, 04c zero[4], 050 REPORT_DATA[64],
 * 090 MEASUREMENT[48], 0c0 HOST_DATA[32], 0e0 ID_KEY_DIGEST[48], 110
 * AUTHOR_KEY_DIGEST[48], 140 REPORT_ID[32], 160 REPORT_ID_MA[32], 180
 * REPORTED_TCB, 188 CPUID family, model and stepping (u8 each; version 2:
 * zero), 18b zero[21], 1a0 CHIP_ID[64], 1e0 COMMITTED_TCB, 1e8 current build,
 * minor, major, zero (u8 each), 1ec the same of the committed firmware, 1f0
 * LAUNCH_TCB, 1f8 LAUNCH_MIT_VECTOR, 200 CURRENT_MIT_VECTOR (u64 each; before
 * version 4: zero), 208 zero[152], 2a0 SIGNATURE: R[72], S[72], zero[368].
 * Integers are little-endian, u32 if nothing else is said. No revision of the
 * document describes version 4, which firmware 1.55 makes: it is read as
 * version 5, because on Turin the two vectors are said to be filled in it.
 *
 * Key information: bit 0 AUTHOR_KEY_EN, 1 MASK_CHIP_KEY, 4:2 SIGNING_KEY.
 * TCB_VERSION, 8 bytes (AMD 56860, 2.2): boot loader, TEE, zero[4], SNP,
 * microcode; from Turin on: FMC, boot loader, TEE, SNP, zero[3], microcode.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "rd.h"
#include "snp_report.h"

enum { MIN_VERSION = 2, MAX_VERSION = 5, ECDSA_P384_SHA384 = 1 };

/* POLICY: bits 63:26 are reserved, bit 17 is one. */
#define POLICY_RESERVED (~0ULL << 26)
#define POLICY_ONE (1ULL << 17)
/* PLATFORM_INFO: bits 7:0 have a meaning; 6 is IOMMU_WRITE_SAFE of Turin. */
#define PLATFORM_RESERVED (~0xffULL)
#define KEY_RESERVED (~0x1fU)

const char *snp_product_name(enum snp_product product)
{
	static const char *const names[SNP_NR_PRODUCTS] = {
		[SNP_PRODUCT_UNKNOWN] = "unknown",
		[SNP_MILAN] = "Milan",
		[SNP_GENOA] = "Genoa",
		[SNP_TURIN] = "Turin",
	};

	assert(product < SNP_NR_PRODUCTS);
	return names[product];
}

const char *snp_key_name(enum snp_key key)
{
	switch (key) {
	case SNP_VCEK:
		return "VCEK";
	case SNP_VLEK:
		return "VLEK";
	default:
		return "none";
	}
}

const char *snp_tcb_part_name(enum snp_tcb_part part)
{
	static const char *const names[SNP_TCB_PARTS] = {
		[SNP_TCB_FMC] = "fmc",
		[SNP_TCB_BOOTLOADER] = "bootloader",
		[SNP_TCB_TEE] = "tee",
		[SNP_TCB_SNP] = "snp",
		[SNP_TCB_MICROCODE] = "microcode",
	};

	assert(part < SNP_TCB_PARTS);
	return names[part];
}

static int zero(struct rd *r, size_t n, struct err *e)
{
	size_t at = r->pos;

	if (rd_zero(r, n))
		return RC_OK;
	return err_set(e, RC_FORMAT,
		       "report: bytes 0x%zx to 0x%zx are reserved, but not "
		       "zero",
		       at, at + n - 1);
}

static int reserved_bits(const char *field, uint64_t v, uint64_t reserved,
			 struct err *e)
{
	if (!(v & reserved))
		return RC_OK;
	return err_set(e, RC_FORMAT,
		       "report: %s 0x%" PRIx64
		       " has reserved bits that are not zero",
		       field, v);
}

static int parse_policy(struct rd *r, struct snp_report *out, struct err *e)
{
	out->policy = rd_le64(r);
	if (!(out->policy & POLICY_ONE))
		return err_set(e, RC_FORMAT,
			       "report: policy 0x%" PRIx64
			       " has bit 17 clear, which is always one",
			       out->policy);
	return reserved_bits("policy", out->policy, POLICY_RESERVED, e);
}

static int parse_algorithm(struct rd *r, struct err *e)
{
	uint32_t algorithm = rd_le32(r);

	if (algorithm == ECDSA_P384_SHA384)
		return RC_OK;
	return err_set(e, RC_UNSUPPORTED,
		       "report: signature algorithm %" PRIu32
		       " is not 1 (ECDSA P-384 with SHA-384)",
		       algorithm);
}

static int parse_key_info(struct rd *r, struct snp_report *out, struct err *e)
{
	uint32_t info = rd_le32(r), key = info >> 2 & 7;

	out->author_key_en = info & 1;
	out->mask_chip_key = info >> 1 & 1;
	out->signing_key = (enum snp_key)key;
	if (key != SNP_VCEK && key != SNP_VLEK && key != SNP_NO_KEY)
		return err_set(e, RC_FORMAT,
			       "report: signing key %" PRIu32 " is reserved",
			       key);
	return reserved_bits("key information", info, KEY_RESERVED, e);
}

/* 0x000 to 0x04f */
static int parse_head(struct rd *r, struct snp_report *out, struct err *e)
{
	int rc;

	out->guest_svn = rd_le32(r);
	rc = parse_policy(r, out, e);
	if (rc)
		return rc;
	rd_copy(r, out->family_id, sizeof(out->family_id));
	rd_copy(r, out->image_id, sizeof(out->image_id));
	out->vmpl = rd_le32(r);
	rc = parse_algorithm(r, e);
	if (rc)
		return rc;
	out->raw_tcb[SNP_CURRENT] = rd_le64(r);
	out->platform_info = rd_le64(r);
	rc = reserved_bits("platform information", out->platform_info,
			   PLATFORM_RESERVED, e);
	if (!rc)
		rc = parse_key_info(r, out, e);
	return rc ? rc : zero(r, 4, e);
}

/* 0x050 to 0x187 */
static void parse_guest(struct rd *r, struct snp_report *out)
{
	rd_copy(r, out->report_data, sizeof(out->report_data));
	rd_copy(r, out->measurement, sizeof(out->measurement));
	rd_copy(r, out->host_data, sizeof(out->host_data));
	rd_copy(r, out->id_key_digest, sizeof(out->id_key_digest));
	rd_copy(r, out->author_key_digest, sizeof(out->author_key_digest));
	rd_skip(r, 32); /* REPORT_ID: random for each guest */
	rd_skip(r, 32); /* REPORT_ID_MA */
	out->raw_tcb[SNP_REPORTED] = rd_le64(r);
}

/* Families and models of the SNP processors; families are extended ones. */
static enum snp_product product_of(uint8_t family, uint8_t model)
{
	if (family == 0x19 && model <= 0x0f)
		return SNP_MILAN;
	if (family == 0x19 &&
	    ((model >= 0x10 && model <= 0x1f) || (model & 0xf0) == 0xa0))
		return SNP_GENOA;
	if (family == 0x1a && model <= 0x11)
		return SNP_TURIN;
	return SNP_PRODUCT_UNKNOWN;
}

/* 0x188 to 0x19f */
static int parse_cpuid(struct rd *r, struct snp_report *out, struct err *e)
{
	uint8_t family, model;

	if (out->version < 3)
		return zero(r, 24, e);
	family = rd_u8(r);
	model = rd_u8(r);
	rd_skip(r, 1); /* stepping */
	out->product = product_of(family, model);
	if (out->product == SNP_PRODUCT_UNKNOWN)
		return err_set(e, RC_UNSUPPORTED,
			       "report: processor family 0x%x model 0x%x is "
			       "none of Milan, Genoa and Turin",
			       (unsigned int)family, (unsigned int)model);
	return zero(r, 21, e);
}

/* 0x1e8 to 0x1ef: build, minor and major twice */
static int parse_versions(struct rd *r, struct err *e)
{
	int rc;

	rd_skip(r, 3);
	rc = zero(r, 1, e);
	if (rc)
		return rc;
	rd_skip(r, 3);
	return zero(r, 1, e);
}

/* 0x1a0 to 0x29f */
static int parse_platform(struct rd *r, struct snp_report *out, struct err *e)
{
	int rc;

	rd_copy(r, out->chip_id, sizeof(out->chip_id));
	out->raw_tcb[SNP_COMMITTED] = rd_le64(r);
	rc = parse_versions(r, e);
	if (rc)
		return rc;
	out->raw_tcb[SNP_LAUNCH] = rd_le64(r);
	if (out->version < 4)
		return zero(r, 168, e);
	out->launch_mit_vector = rd_le64(r);
	out->current_mit_vector = rd_le64(r);
	return zero(r, 152, e);
}

int snp_report_parse(const uint8_t *bytes, size_t len, struct snp_report *out,
		     struct err *e)
{
	struct rd r = rd_of(bytes, len);
	int rc;

	*out = (struct snp_report){.bytes = bytes};
	if (len != SNP_REPORT_SIZE)
		return err_set(e, RC_FORMAT, "report: %zu bytes instead of %d",
			       len, SNP_REPORT_SIZE);
	out->version = rd_le32(&r);
	if (out->version < MIN_VERSION || out->version > MAX_VERSION)
		return err_set(e, RC_UNSUPPORTED,
			       "report: version %" PRIu32
			       " is none of %d to %d",
			       out->version, MIN_VERSION, MAX_VERSION);
	rc = parse_head(&r, out, e);
	if (rc)
		return rc;
	parse_guest(&r, out);
	rc = parse_cpuid(&r, out, e);
	if (!rc)
		rc = parse_platform(&r, out, e);
	if (rc)
		return rc;
	rd_skip(&r, 144); /* R and S */
	rc = zero(&r, 368, e);
	assert(rc || rd_done(&r));
	return rc;
}

/* Whether the bytes of p from n on are all zero. */
static bool zero_from(const uint8_t p[SNP_CHIP_ID], size_t n)
{
	struct rd r = rd_of(p, SNP_CHIP_ID);

	rd_skip(&r, n);
	return rd_zero(&r, rd_left(&r));
}

static int parse_tcb(struct snp_report *r, enum snp_tcb_of which, struct err *e)
{
	static const char *const names[SNP_NR_TCBS] = {
		[SNP_REPORTED] = "reported TCB",
		[SNP_COMMITTED] = "committed TCB",
		[SNP_CURRENT] = "current TCB",
		[SNP_LAUNCH] = "launch TCB",
	};
	/* Bits at which the parts of a TCB_VERSION begin. */
	static const unsigned int old[SNP_TCB_PARTS] = {
		[SNP_TCB_BOOTLOADER] = 0,
		[SNP_TCB_TEE] = 8,
		[SNP_TCB_SNP] = 48,
		[SNP_TCB_MICROCODE] = 56,
	};
	static const unsigned int turin[SNP_TCB_PARTS] = {
		[SNP_TCB_FMC] = 0,	  [SNP_TCB_BOOTLOADER] = 8,
		[SNP_TCB_TEE] = 16,	  [SNP_TCB_SNP] = 24,
		[SNP_TCB_MICROCODE] = 56,
	};
	const unsigned int *shift = r->has_fmc ? turin : old;
	uint64_t rest = r->raw_tcb[which];

	for (int i = r->has_fmc ? SNP_TCB_FMC : SNP_TCB_BOOTLOADER;
	     i < SNP_TCB_PARTS; i++) {
		r->tcb[which].v[i] =
			(uint8_t)(r->raw_tcb[which] >> shift[i] & 0xff);
		rest &= ~(0xffULL << shift[i]);
	}
	return reserved_bits(names[which], r->raw_tcb[which], rest, e);
}

/*
 * A chip id of Turin has 8 bytes, and zeros behind them; before, all 64 are
 * used.
 */
static int guess_fmc(struct snp_report *r, struct err *e)
{
	if (zero_from(r->chip_id, 0))
		return err_set(e, RC_UNSUPPORTED,
			       "report: version 2 with a masked chip id: "
			       "without certificates its TCB cannot be read");
	r->has_fmc = zero_from(r->chip_id, 8);
	return RC_OK;
}

int snp_report_product(struct snp_report *r, enum snp_product product,
		       struct err *e)
{
	int rc = RC_OK;

	if (r->product == SNP_PRODUCT_UNKNOWN)
		r->product = product;
	r->has_fmc = r->product == SNP_TURIN;
	if (r->product == SNP_PRODUCT_UNKNOWN)
		rc = guess_fmc(r, e);
	for (int i = 0; !rc && i < SNP_NR_TCBS; i++)
		rc = parse_tcb(r, (enum snp_tcb_of)i, e);
	return rc;
}
