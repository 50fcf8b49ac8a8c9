/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_report.h: reports and certificates, made in the test. */
#ifndef MOTE_TEST_MEASURE_REPORT_H
#define MOTE_TEST_MEASURE_REPORT_H

/*
 * AMD's root is played by a key of our own, whose hash is handed to
 * snp_cert_verify() in place of the table of AMD's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "snp_report.h"
#include "wr.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define AMD "1.3.6.1.4.1.3704.1."

enum { NOW = 1700000000, YEAR = 31536000, MAX_EXT = 20, MAX_FILE = 32768 };

/* The root's, one for the keys below it, and those of chips. */
static EVP_PKEY *root_key, *ask_key, *vek_key, *other_key, *p256_key, *small;

static inline int make_keys(void **state)
{
	(void)state;
	root_key = EVP_RSA_gen(4096);
	ask_key = EVP_RSA_gen(4096);
	small = EVP_RSA_gen(3072);
	vek_key = EVP_EC_gen("P-384");
	other_key = EVP_EC_gen("P-384");
	p256_key = EVP_EC_gen("P-256");
	return !root_key || !ask_key || !small || !vek_key || !other_key ||
	       !p256_key;
}

static inline int free_keys(void **state)
{
	EVP_PKEY *keys[] = {root_key, ask_key,	 small,
			    vek_key,  other_key, p256_key};

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		EVP_PKEY_free(keys[i]);
	return 0;
}

/* An extension; value is DER. */
struct ext {
	const char *oid;
	uint8_t value[80];
	size_t len;
	bool critical;
};

struct spec {
	const char *cn, *issuer;
	EVP_PKEY *key, *signer;
	int64_t from, to;
	bool ca, pkcs1;
	const EVP_MD *md, *mgf;
	int salt;
};

/* A chain in the making; recipe() makes one that is right. */
struct recipe {
	enum snp_product product;
	struct spec vek, ask, ark;
	struct ext ext[MAX_EXT];
	size_t nr_ext;
	bool pem, all_in_one, reversed, no_ask, no_ark, with_other;
	const char *extra; /* text behind the chain */
	/* What is given to snp_cert_verify(). */
	uint8_t cert[MAX_FILE], chain[MAX_FILE];
	struct snp_cert_files files;
	struct snp_root roots[3];
};

static inline void add_ext(struct recipe *c, const char *oid, const void *value,
			   size_t len)
{
	struct ext *x = &c->ext[c->nr_ext++];

	assert_true(c->nr_ext <= MAX_EXT && len <= sizeof(x->value));
	*x = (struct ext){.oid = oid, .len = len};
	memcpy(x->value, value, len);
}

static inline void add_number(struct recipe *c, const char *oid, uint8_t v)
{
	uint8_t der[4] = {2, 1, v}, long_der[4] = {2, 2, 0, v};

	if (v < 0x80)
		add_ext(c, oid, der, 3);
	else
		add_ext(c, oid, long_der, 4);
}

static inline void add_text(struct recipe *c, const char *oid, const char *text)
{
	uint8_t der[80] = {0x16, (uint8_t)strlen(text)};

	memcpy(der + 2, text, strlen(text));
	add_ext(c, oid, der, 2 + strlen(text));
}

/* hwid of the chip whose reports make_report() makes */
static inline void chip_id(uint8_t id[SNP_CHIP_ID], bool turin)
{
	for (size_t i = 0; i < SNP_CHIP_ID; i++)
		id[i] = i < 8 || !turin ? (uint8_t)(0xa1 + i) : 0;
}

static inline struct spec spec(const char *cn, const char *issuer,
			       EVP_PKEY *key, EVP_PKEY *signer)
{
	return (struct spec){
		.cn = cn,
		.issuer = issuer,
		.key = key,
		.signer = signer,
		.from = NOW - YEAR,
		.to = NOW + YEAR,
		.md = EVP_sha384(),
		.mgf = EVP_sha384(),
		.salt = 48,
	};
}

/* TCB 1 (FMC), 2 (boot loader), 3 (TEE), 4 (SNP), 0xd5 (microcode) */
static inline void recipe(struct recipe *c, enum snp_product product, bool vlek)
{
	static const char *const names[][4] = {
		[SNP_MILAN] = {"Milan-B0", "SEV-Milan", "SEV-VLEK-Milan",
			       "ARK-Milan"},
		[SNP_GENOA] = {"Siena", "SEV-Genoa", "SEV-VLEK-Genoa",
			       "ARK-Genoa"},
		[SNP_TURIN] = {"Turin", "SEV-Turin", "SEV-VLEK-Turin",
			       "ARK-Turin"},
	};
	const char *const *n = names[product];
	const char *ask = vlek ? n[2] : n[1];
	bool turin = product == SNP_TURIN;
	uint8_t id[SNP_CHIP_ID];

	*c = (struct recipe){.product = product};
	c->vek = spec(vlek ? "SEV-VLEK" : "SEV-VCEK", ask, vek_key, ask_key);
	c->ask = spec(ask, n[3], ask_key, root_key);
	c->ark = spec(n[3], n[3], root_key, root_key);
	c->ask.ca = c->ark.ca = true;
	add_number(c, AMD "1", turin);
	add_text(c, AMD "2", n[0]);
	add_number(c, AMD "3.1", 2);
	add_number(c, AMD "3.2", 3);
	add_number(c, AMD "3.3", 4);
	if (!turin)
		add_number(c, AMD "3.4", 0);
	add_number(c, AMD "3.5", 0);
	add_number(c, AMD "3.6", 0);
	add_number(c, AMD "3.7", 0);
	add_number(c, AMD "3.8", 0xd5);
	if (turin)
		add_number(c, AMD "3.9", 1);
	chip_id(id, turin);
	if (vlek)
		add_text(c, AMD "5", "CN=cloud.example");
	else
		add_ext(c, AMD "4", id, turin ? 8 : 64);
}

static inline void set_name(X509_NAME *name, const char *cn)
{
	assert_int_equal(
		X509_NAME_add_entry_by_txt(
			name, "O", MBSTRING_ASC,
			(const unsigned char *)"Advanced Micro Devices", -1, -1,
			0),
		1);
	if (cn)
		assert_int_equal(X509_NAME_add_entry_by_txt(
					 name, "CN", MBSTRING_ASC,
					 (const unsigned char *)cn, -1, -1, 0),
				 1);
}

static inline void put_standard(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static inline void put_ext(X509 *x, const struct ext *ext)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(ext->oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;

	assert_true(oid && value);
	assert_int_equal(
		ASN1_OCTET_STRING_set(value, ext->value, (int)ext->len), 1);
	e = X509_EXTENSION_create_by_OBJ(NULL, oid, ext->critical, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(oid);
}

static inline void sign(X509 *x, const struct spec *s)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key;

	assert_non_null(ctx);
	assert_int_equal(EVP_DigestSignInit(ctx, &key, s->md, NULL, s->signer),
			 1);
	if (!s->pkcs1) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(
					 key, RSA_PKCS1_PSS_PADDING),
				 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(key, s->mgf), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(key, s->salt),
				 1);
	}
	assert_true(X509_sign_ctx(x, ctx) > 0);
	EVP_MD_CTX_free(ctx);
}

static X509 *certificate(const struct spec *s, const struct ext *ext, size_t n)
{
	X509 *x = X509_new();

	assert_non_null(x);
	assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), 0), 1);
	set_name(X509_get_subject_name(x), s->cn);
	set_name(X509_get_issuer_name(x), s->issuer);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x), s->from));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x), s->to));
	assert_int_equal(X509_set_pubkey(x, s->key), 1);
	if (s->ca) {
		put_standard(x, NID_basic_constraints, "critical,CA:TRUE");
		put_standard(x, NID_key_usage, "critical,keyCertSign");
	}
	for (size_t i = 0; i < n; i++)
		put_ext(x, &ext[i]);
	sign(x, s);
	return x;
}

/* Appends to a PEM file of *len bytes. */
static inline void append(uint8_t *file, size_t *len, X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	assert_non_null(bio);
	assert_int_equal(PEM_write_bio_X509(bio, x), 1);
	n = BIO_get_mem_data(bio, &text);
	assert_true(n > 0 && *len + (size_t)n <= MAX_FILE);
	memcpy(file + *len, text, (size_t)n);
	*len += (size_t)n;
	BIO_free(bio);
}

static inline void hash_key(EVP_PKEY *key, uint8_t sum[SNP_REPORT_DIGEST])
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	struct err e;

	assert_true(n > 0);
	assert_int_equal(hash_bytes(SHA384_SIZE, der, (size_t)n, sum, &e), 0);
	OPENSSL_free(der);
}

static inline void write_cert(struct recipe *c, X509 *x)
{
	unsigned char *p = c->cert;

	if (c->pem || c->all_in_one)
		append(c->cert, &c->files.cert_len, x);
	else
		c->files.cert_len = (size_t)i2d_X509(x, &p);
}

static inline void write_chain(struct recipe *c, X509 *ask, X509 *ark)
{
	uint8_t *file = c->all_in_one ? c->cert : c->chain;
	size_t *len = c->all_in_one ? &c->files.cert_len : &c->files.chain_len;

	if (!c->no_ark && c->reversed)
		append(file, len, ark);
	if (!c->no_ask)
		append(file, len, ask);
	if (!c->no_ark && !c->reversed)
		append(file, len, ark);
	if (c->extra) {
		memcpy(file + *len, c->extra, strlen(c->extra));
		*len += strlen(c->extra);
	}
}

/* Makes the files and the table of roots. */
static inline void cook(struct recipe *c)
{
	X509 *vek = certificate(&c->vek, c->ext, c->nr_ext);
	X509 *ask = certificate(&c->ask, NULL, 0);
	X509 *ark = certificate(&c->ark, NULL, 0);

	write_cert(c, vek);
	write_chain(c, ask, ark);
	c->files.cert = c->cert;
	c->files.chain = c->all_in_one ? NULL : c->chain;
	if (!c->files.time)
		c->files.time = NOW;
	c->roots[0].product = c->product == SNP_MILAN ? SNP_GENOA : SNP_MILAN;
	c->roots[1].product = c->product;
	hash_key(root_key, c->roots[1].spki);
	c->files.roots = c->roots;
	c->files.nr_roots = 2;
	X509_free(vek);
	X509_free(ask);
	X509_free(ark);
}

/* One number of a signature, little-endian. */
static inline void put_number(uint8_t *p, const BIGNUM *n)
{
	assert_int_equal(BN_bn2lebinpad(n, p, 72), 72);
}

static inline void sign_report(uint8_t *report, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char der[256];
	const unsigned char *p = der;
	size_t len = sizeof(der);
	ECDSA_SIG *sig;

	assert_non_null(ctx);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key),
			 1);
	assert_int_equal(
		EVP_DigestSign(ctx, der, &len, report, SNP_REPORT_SIGNED), 1);
	sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
	assert_non_null(sig);
	put_number(report + SNP_REPORT_SIGNED, ECDSA_SIG_get0_r(sig));
	put_number(report + SNP_REPORT_SIGNED + 72, ECDSA_SIG_get0_s(sig));
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

/* A report of the chip and TCB of recipe(). */
static inline void make_report(uint8_t *report, uint32_t version,
			       enum snp_product product, bool vlek)
{
	static const uint8_t cpu[][2] = {
		[SNP_MILAN] = {0x19, 0x01},
		[SNP_GENOA] = {0x19, 0xa0},
		[SNP_TURIN] = {0x1a, 0x02},
	};
	const uint64_t tcb =
		product == SNP_TURIN ? 0xd500000004030201 : 0xd504000000000302;
	struct wr w = wr_of(report, SNP_REPORT_SIZE);

	wr_le32(&w, version);
	wr_seek(&w, 0x08);
	wr_le64(&w, 0x30000);
	wr_seek(&w, 0x34);
	wr_le32(&w, 1);
	wr_le64(&w, tcb);
	wr_seek(&w, 0x48);
	wr_le32(&w, vlek ? 1 << 2 : 0);
	wr_seek(&w, 0x180);
	wr_le64(&w, tcb);
	if (version >= 3)
		wr_bytes(&w, cpu[product], 2);
	if (!vlek)
		chip_id(report + 0x1a0, product == SNP_TURIN);
	wr_seek(&w, 0x1e0);
	wr_le64(&w, tcb);
	wr_seek(&w, 0x1f0);
	wr_le64(&w, tcb);
	sign_report(report, vek_key);
}

/* From the files to the list of checks. */
static inline int verify(const struct recipe *c, const uint8_t *report,
			 struct snp_checks *checks, struct err *e)
{
	const struct snp_expect nothing = {0};
	struct snp_report r;
	struct snp_cert cert = {.kind = SNP_NO_KEY};
	int rc = snp_report_parse(report, SNP_REPORT_SIZE, &r, e);

	checks->n = 0;
	if (!rc)
		rc = snp_cert_verify(&c->files, &cert, e);
	if (!rc)
		rc = snp_report_product(&r, cert.product, e);
	if (!rc)
		rc = snp_report_check(&r, &cert, &nothing, checks, e);
	return rc;
}

#endif
