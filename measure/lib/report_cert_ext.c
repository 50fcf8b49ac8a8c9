/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_cert_ext.c: what a VCEK or VLEK certificate says in its extensions.
 *
 * AMD 57230, chapter 3; each below 1.3.6.1.4.1.3704.1: 1 structVersion
 * (INTEGER), 2 productName (IA5String: "Milan-B0"), 3.1 blSPL, 3.2 teeSPL, 3.3
 * snpSPL, 3.4 to 3.7 reserved, 3.8 ucodeSPL, 3.9 fmcSPL (Turin; all INTEGER),
 * 4 hwID (VCEK), 5 cspID (IA5String, VLEK). The key server puts the 64 bytes of
 * hwID, 8 of Turin, straight into the extension; as an OCTET STRING inside of
 * it, they are accepted too. Turin has structVersion 1 and no 3.4.
 */
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <stdio.h>
#include <string.h>

#include "report_cert.h"

#define AMD_OID "1.3.6.1.4.1.3704.1."

enum {
	MAX_STRUCT_VERSION = 1,
	TURIN_HWID = 8,
	/* Bits of the extensions that were seen: 1 << SEEN_... */
	SEEN_VERSION = 0,
	SEEN_PRODUCT,
	SEEN_RESERVED, /* four of them */
	SEEN_HWID = SEEN_RESERVED + 4,
	SEEN_CSPID,
	SEEN_SPL, /* SNP_TCB_PARTS of them */
};

/* An extension: its name for messages, its value, what is filled. */
struct field {
	const char *name;
	const unsigned char *p;
	long len;
	struct snp_cert *out;
};

static int malformed(const struct field *f, const char *must, struct err *e)
{
	ERR_clear_error();
	return err_set(e, RC_FORMAT, "certificate: extension %s is not %s",
		       f->name, must);
}

/* A number of one byte. */
static int number(const struct field *f, uint64_t max, uint8_t *out,
		  struct err *e)
{
	const unsigned char *p = f->p;
	ASN1_INTEGER *i = d2i_ASN1_INTEGER(NULL, &p, f->len);
	uint64_t v = 0;
	bool ok = i && p == f->p + f->len &&
		  ASN1_INTEGER_get_uint64(&v, i) == 1 && v <= max;
	char must[48];

	ASN1_INTEGER_free(i);
	*out = (uint8_t)v;
	if (ok)
		return RC_OK;
	(void)snprintf(must, sizeof(must), "an integer from 0 to %u",
		       (unsigned int)max);
	return malformed(f, must, e);
}

static int ia5(const struct field *f, char out[SNP_CERT_NAME], struct err *e)
{
	const unsigned char *p = f->p;
	ASN1_IA5STRING *s = d2i_ASN1_IA5STRING(NULL, &p, f->len);
	bool ok = s && p == f->p + f->len && ASN1_STRING_length(s) > 0 &&
		  ASN1_STRING_length(s) < SNP_CERT_NAME &&
		  !memchr(ASN1_STRING_get0_data(s), 0,
			  (size_t)ASN1_STRING_length(s));

	if (ok) {
		size_t n = (size_t)ASN1_STRING_length(s);

		memcpy(out, ASN1_STRING_get0_data(s), n);
		out[n] = '\0';
	}
	ASN1_IA5STRING_free(s);
	return ok ? RC_OK : malformed(f, "a short string", e);
}

static int version(const struct field *f, struct err *e)
{
	uint8_t v;

	return number(f, MAX_STRUCT_VERSION, &v, e);
}

/* The name of a processor, and a stepping behind a hyphen. */
static int product(const struct field *f, struct err *e)
{
	static const struct {
		const char *name;
		enum snp_product product;
	} names[] = {
		{"Milan", SNP_MILAN}, {"Genoa", SNP_GENOA},
		{"Siena", SNP_GENOA}, {"Bergamo", SNP_GENOA},
		{"Turin", SNP_TURIN},
	};
	char name[SNP_CERT_NAME];
	size_t len;
	int rc = ia5(f, name, e);

	if (rc)
		return rc;
	len = strcspn(name, "-");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].product == f->out->product &&
		    strlen(names[i].name) == len &&
		    strncmp(names[i].name, name, len) == 0)
			return RC_OK;
	return err_set(e, RC_FORMAT,
		       "certificate: product %s, but it is signed for %s", name,
		       snp_product_name(f->out->product));
}

/* Takes len bytes, or says what is expected. */
static int hwid_bytes(const struct field *f, const unsigned char *p, long len,
		      struct err *e)
{
	bool turin = f->out->product == SNP_TURIN;

	if (p && (len == SNP_CHIP_ID || (turin && len == TURIN_HWID))) {
		memcpy(f->out->hwid, p, (size_t)len);
		return RC_OK;
	}
	return malformed(f, turin ? "8 or 64 bytes" : "64 bytes", e);
}

static int hwid(const struct field *f, struct err *e)
{
	const unsigned char *p = f->p;
	ASN1_OCTET_STRING *s;
	int rc;

	if (f->len == SNP_CHIP_ID || f->len == TURIN_HWID)
		return hwid_bytes(f, f->p, f->len, e);
	s = d2i_ASN1_OCTET_STRING(NULL, &p, f->len);
	if (s && p == f->p + f->len)
		rc = hwid_bytes(f, ASN1_STRING_get0_data(s),
				ASN1_STRING_length(s), e);
	else
		rc = hwid_bytes(f, NULL, 0, e);
	ASN1_OCTET_STRING_free(s);
	return rc;
}

static int reserved(const struct field *f, struct err *e)
{
	uint8_t v;

	return number(f, 0, &v, e);
}

static int csp_id(const struct field *f, struct err *e)
{
	char name[SNP_CERT_NAME];

	return ia5(f, name, e);
}

static int spl(const struct field *f, enum snp_tcb_part part, struct err *e)
{
	return number(f, UINT8_MAX, &f->out->tcb.v[part], e);
}

/* Extensions by the OID behind AMD_OID; read NULL: a part of the TCB. */
static const struct known {
	const char *oid, *name;
	unsigned int seen;
	int (*read)(const struct field *f, struct err *e);
} known[] = {
	{"1", "structVersion", SEEN_VERSION, version},
	{"2", "productName", SEEN_PRODUCT, product},
	{"3.1", "blSPL", SEEN_SPL + SNP_TCB_BOOTLOADER, NULL},
	{"3.2", "teeSPL", SEEN_SPL + SNP_TCB_TEE, NULL},
	{"3.3", "snpSPL", SEEN_SPL + SNP_TCB_SNP, NULL},
	{"3.4", "spl4", SEEN_RESERVED, reserved},
	{"3.5", "spl5", SEEN_RESERVED + 1, reserved},
	{"3.6", "spl6", SEEN_RESERVED + 2, reserved},
	{"3.7", "spl7", SEEN_RESERVED + 3, reserved},
	{"3.8", "ucodeSPL", SEEN_SPL + SNP_TCB_MICROCODE, NULL},
	{"3.9", "fmcSPL", SEEN_SPL + SNP_TCB_FMC, NULL},
	{"4", "hwID", SEEN_HWID, hwid},
	{"5", "cspID", SEEN_CSPID, csp_id},
};
enum { NR_KNOWN = sizeof(known) / sizeof(known[0]) };

static int read_known(const struct known *k, struct field *f,
		      unsigned int *seen, struct err *e)
{
	f->name = k->name;
	if (*seen & 1U << k->seen)
		return err_set(e, RC_FORMAT,
			       "certificate: extension %s is there twice",
			       k->name);
	*seen |= 1U << k->seen;
	if (k->read)
		return k->read(f, e);
	return spl(f, (enum snp_tcb_part)(k->seen - SEEN_SPL), e);
}

/* Others than AMD's are left to X509_verify_cert(). */
static int read_one(X509_EXTENSION *x, struct snp_cert *out, unsigned int *seen,
		    struct err *e)
{
	const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(x);
	const size_t skip = strlen(AMD_OID);
	char oid[SNP_CERT_NAME] = "";
	struct field f = {
		.p = ASN1_STRING_get0_data(value),
		.len = ASN1_STRING_length(value),
		.out = out,
	};
	int n = OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(x), 1);

	if (n <= 0)
		return snp_crypto_failed(e, "reading an OID");
	if (strncmp(oid, AMD_OID, skip) != 0)
		return RC_OK;
	for (int i = 0; i < NR_KNOWN; i++)
		if (strcmp(known[i].oid, oid + skip) == 0)
			return read_known(&known[i], &f, seen, e);
	return err_set(e, RC_UNSUPPORTED,
		       "certificate: extension %s is not known", oid);
}

/* A missing part of the TCB would count as 0. */
static int check_seen(const struct snp_cert *c, unsigned int seen,
		      struct err *e)
{
	unsigned int want =
		1U << SEEN_VERSION | 1U << SEEN_PRODUCT |
		1U << (c->kind == SNP_VCEK ? SEEN_HWID : SEEN_CSPID);
	unsigned int never = 1U
			     << (c->kind == SNP_VCEK ? SEEN_CSPID : SEEN_HWID);

	for (unsigned int i = 0; i < SNP_TCB_PARTS; i++)
		want |= 1U << (SEEN_SPL + i);
	if (c->product != SNP_TURIN) {
		want &= ~(1U << (SEEN_SPL + SNP_TCB_FMC));
		never |= 1U << (SEEN_SPL + SNP_TCB_FMC);
	}
	for (int i = 0; i < NR_KNOWN; i++) {
		unsigned int bit = 1U << known[i].seen;

		if ((want & ~seen & bit) || (never & seen & bit))
			return err_set(e, RC_FORMAT,
				       "certificate: a %s for %s %s extension "
				       "%s",
				       snp_key_name(c->kind),
				       snp_product_name(c->product),
				       never & bit ? "with" : "without",
				       known[i].name);
	}
	return RC_OK;
}

int snp_cert_extensions(const X509 *x, struct snp_cert *out, struct err *e)
{
	int n = X509_get_ext_count(x), rc = RC_OK;
	unsigned int seen = 0;

	for (int i = 0; !rc && i < n; i++)
		rc = read_one(X509_get_ext(x, i), out, &seen, e);
	return rc ? rc : check_seen(out, seen, e);
}
