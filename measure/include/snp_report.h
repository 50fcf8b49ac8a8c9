/* SPDX-License-Identifier: Apache-2.0 */
/* snp_report.h: SEV-SNP attestation reports, compared with expectations. */
#ifndef MOTE_SNP_REPORT_H
#define MOTE_SNP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum {
	SNP_REPORT_SIZE = 0x4a0,
	SNP_REPORT_SIGNED = 0x2a0, /* bytes that the signature covers */
	SNP_REPORT_DIGEST = 48,	   /* bytes of a launch or key digest */
	SNP_CHIP_ID = 64,
};

/* A line of processors that has one AMD root key. */
enum snp_product {
	SNP_PRODUCT_UNKNOWN,
	SNP_MILAN,
	SNP_GENOA, /* with Bergamo and Siena */
	SNP_TURIN,
	SNP_NR_PRODUCTS,
};

/* "Milan", "Genoa", "Turin"; "unknown" */
const char *snp_product_name(enum snp_product product);

/* AMD 56860, ATTESTATION_REPORT, SIGNING_KEY; other numbers are reserved. */
enum snp_key {
	SNP_VCEK = 0, /* of one chip */
	SNP_VLEK = 1, /* of a cloud provider */
	SNP_NO_KEY = 7,
};

/* "VCEK", "VLEK", "none" */
const char *snp_key_name(enum snp_key key);

/* Security version numbers of the parts of the platform. */
enum snp_tcb_part {
	SNP_TCB_FMC, /* Turin only, else 0 */
	SNP_TCB_BOOTLOADER,
	SNP_TCB_TEE,
	SNP_TCB_SNP,
	SNP_TCB_MICROCODE,
	SNP_TCB_PARTS,
};

struct snp_tcb {
	uint8_t v[SNP_TCB_PARTS];
};

/* "fmc", "bootloader", "tee", "snp", "microcode" */
const char *snp_tcb_part_name(enum snp_tcb_part part);

/* Which of the TCB_VERSION values of a report. */
enum snp_tcb_of {
	SNP_REPORTED, /* the signing key was derived from this one */
	SNP_COMMITTED,
	SNP_CURRENT,
	SNP_LAUNCH,
	SNP_NR_TCBS,
};

/* Bits of POLICY. */
#define SNP_POLICY_MIGRATE_MA (1ULL << 18)
#define SNP_POLICY_DEBUG (1ULL << 19)

struct snp_report {
	const uint8_t *bytes; /* SNP_REPORT_SIZE of them, borrowed */
	uint32_t version, guest_svn, vmpl;
	uint64_t policy, platform_info;
	bool author_key_en, mask_chip_key;
	enum snp_key signing_key;
	uint8_t family_id[16], image_id[16];
	uint8_t report_data[64], measurement[SNP_REPORT_DIGEST], host_data[32];
	uint8_t id_key_digest[SNP_REPORT_DIGEST];
	uint8_t author_key_digest[SNP_REPORT_DIGEST];
	uint8_t chip_id[SNP_CHIP_ID]; /* zeros if the host masks it */
	uint64_t raw_tcb[SNP_NR_TCBS];
	uint64_t launch_mit_vector, current_mit_vector; /* from version 4 on */
	enum snp_product product; /* version 2 does not say */
	/* Filled by snp_report_product(). */
	bool has_fmc;
	struct snp_tcb tcb[SNP_NR_TCBS];
};

/*
 * Reads a report of version 2 to 5 (AMD 56860, ATTESTATION_REPORT). bytes must
 * outlive *out. A wrong length, a reserved bit that is not zero and a number
 * without a meaning are RC_FORMAT; another version, signature algorithm or
 * processor is RC_UNSUPPORTED.
 */
int snp_report_parse(const uint8_t *bytes, size_t len, struct snp_report *out,
		     struct err *e);

/*
 * Decides how r writes TCB_VERSION (AMD 56860, 2.2), and reads all of them:
 * RC_FORMAT if a reserved byte of one is not zero. product is that of the
 * certificates, or SNP_PRODUCT_UNKNOWN; it counts only for version 2, since
 * others name theirs: snp_report_check() compares the two. Without
 * certificates version 2 is read by the form of its chip id, RC_UNSUPPORTED if
 * that is masked.
 */
int snp_report_product(struct snp_report *r, enum snp_product product,
		       struct err *e);

/* A root key by the SHA-384 of its SubjectPublicKeyInfo (DER). */
struct snp_root {
	enum snp_product product;
	uint8_t spki[SNP_REPORT_DIGEST];
};

/* The AMD root keys (ARK), *n of them, in a constant table. */
const struct snp_root *snp_amd_roots(size_t *n);

/* Certificates as files have them, and when they have to be valid. */
struct snp_cert_files {
	const uint8_t *cert; /* DER, or PEM with the key's certificate first */
	size_t cert_len;
	const uint8_t *chain; /* PEM, in any order; may be NULL */
	size_t chain_len;
	int64_t time; /* seconds since 1970 */
	const struct snp_root *roots;
	size_t nr_roots;
};

enum {
	SNP_MAX_CERTS = 16, /* in both files together */
	SNP_MAX_SPKI = 1024,
};

/* Of what kind a refusal is, so that a caller can say more of it. */
enum snp_cert_fault {
	SNP_CERT_OTHER,
	SNP_CERT_CHAIN_FILE, /* cert could be read, chain not */
	SNP_CERT_NO_ISSUER,  /* a certificate above is in neither */
	SNP_CERT_TIME,	     /* one is not valid at that time */
};

/* What a VCEK or VLEK certificate says (AMD 57230, 3.1). */
struct snp_cert {
	enum snp_key kind;
	enum snp_product product;
	struct snp_tcb tcb;
	uint8_t hwid[SNP_CHIP_ID];  /* VCEK: as CHIP_ID is written */
	uint8_t spki[SNP_MAX_SPKI]; /* of a P-384 key, DER */
	size_t spki_len;	    /* bytes */
	enum snp_cert_fault fault;  /* all that counts after a failure */
};

/*
 * Verifies that the certificate leads to one of the roots, and reads it (AMD
 * 57230, chapters 2 and 3). A certificate that is refused is RC_FORMAT or
 * RC_UNSUPPORTED, more than SNP_MAX_CERTS RC_LIMIT, a failure of libcrypto
 * RC_IO. *out points to nothing.
 */
int snp_cert_verify(const struct snp_cert_files *files, struct snp_cert *out,
		    struct err *e);

/*
 * Whether the key of c signed the first SNP_REPORT_SIGNED bytes of r (AMD
 * 56860, SIGNATURE); every failure is RC_MISMATCH or RC_IO.
 */
int snp_report_signature(const struct snp_report *r, const struct snp_cert *c,
			 struct err *e);

/* What a report must say. A NULL pointer is not compared. */
struct snp_expect {
	const uint8_t (*measurements)[SNP_REPORT_DIGEST]; /* any one of them */
	size_t nr_measurements;				  /* 0: not compared */
	const uint8_t *host_data, *report_data, *id_key_digest;
	const uint8_t *author_key_digest, *family_id, *image_id;
	const uint64_t *policy;			/* exactly */
	uint64_t policy_require, policy_forbid; /* bits that are 1, 0 */
	bool allow_debug, allow_migration;	/* else they must be off */
	uint32_t vmpl, min_guest_svn;
	bool min_tcb_set[SNP_TCB_PARTS];
	struct snp_tcb min_tcb; /* of each TCB of the report */
};

enum snp_result { SNP_OK, SNP_FAILED, SNP_NOT_COMPARED };

/* "ok", "FAILED", "not compared" */
const char *snp_result_name(enum snp_result result);

enum { SNP_CHECK_TEXT = 160, SNP_MAX_CHECKS = 32 };

struct snp_check {
	const char *name; /* the specification's, in lower case */
	enum snp_result result;
	char expected[SNP_CHECK_TEXT], actual[SNP_CHECK_TEXT];
};

struct snp_checks {
	struct snp_check v[SNP_MAX_CHECKS];
	size_t n;
};

/* Whether the check of this name is there and passed. */
bool snp_checks_ok(const struct snp_checks *checks, const char *name);

/*
 * Compares r, after snp_report_product(), with x and with a certificate that
 * snp_cert_verify() accepted; without one (NULL) neither its product is
 * compared nor the signature verified. *out gets every check, whatever failed.
 * RC_MISMATCH, with the first check that failed, if any did; RC_IO if a check
 * could not be made: *out then ends before it.
 */
int snp_report_check(const struct snp_report *r, const struct snp_cert *cert,
		     const struct snp_expect *x, struct snp_checks *out,
		     struct err *e);

#endif
