/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_measure_cert.c: certificates of report keys.
 *
 * The bytes are a u16 length, the file of the certificate, and that of the
 * chain (none, if nothing is left). Mode bits 0x30 are the product. The last
 * certificate is taken for the root, so that any chain may be complete.
 */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "hash.h"
#include "inject.h"
#include "rd.h"
#include "report_cert.h"

static void note(struct run *r, const struct snp_cert *c)
{
	gives_number(r, c->kind);
	gives_number(r, c->product);
	gives(r, c->tcb.v, sizeof(c->tcb.v));
	gives(r, c->hwid, sizeof(c->hwid));
	gives_number(r, c->spki_len);
	MUST(c->spki_len <= sizeof(c->spki));
	gives(r, c->spki, c->spki_len);
}

/* The readers of a single certificate, whoever signed it. */
static void read_one(struct run *r, const X509 *x, enum snp_product product)
{
	char name[SNP_CERT_NAME];
	struct err e = {""};

	if (!step(r, snp_cert_name(X509_get_subject_name(x), name, &e), &e,
		  "name")) {
		gives_text(r, name);
		MUST(strlen(name) > 0 && strlen(name) < SNP_CERT_NAME);
	}
	for (int kind = 0; kind < 2; kind++) {
		struct snp_cert c = {.kind = (enum snp_key)kind,
				     .product = product};

		if (!step(r, snp_cert_extensions(x, &c, &e), &e,
			  "extensions %d", kind))
			note(r, &c);
	}
}

/* By libcrypto alone: nothing fails here. */
static bool root_of(STACK_OF(X509) * certs, struct snp_root *root,
		    int64_t *from)
{
	const X509 *last = sk_X509_value(certs, sk_X509_num(certs) - 1);
	const ASN1_TIME *start = X509_get0_notBefore(sk_X509_value(certs, 0));
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(last), &der);
	int days = 0, seconds = 0;
	struct err e;
	bool ok = len > 0 && epoch &&
		  !hash_bytes(SHA384_SIZE, der, (size_t)len, root->spki, &e) &&
		  ASN1_TIME_diff(&days, &seconds, epoch, start) == 1;

	*from = days * 86400LL + seconds;
	ASN1_TIME_free(epoch);
	OPENSSL_free(der);
	ERR_clear_error();
	return ok;
}

void one(struct run *r)
{
	struct rd in = rd_of(r->p, r->n);
	size_t len = rd_le16(&in);
	struct rd cert = rd_sub(&in, in.pos, len);
	enum snp_product product =
		(enum snp_product)(SNP_MILAN + (r->mode >> 4 & 3) % 3);
	struct snp_root root = {.product = product};
	struct snp_cert_files files = {.roots = &root, .nr_roots = 1};
	STACK_OF(X509) *certs = NULL;
	static struct snp_cert out;
	struct err e = {""};

	if (cert.failed)
		return;
	files.cert = cert.base;
	files.cert_len = len;
	if (in.pos + len < r->n) {
		files.chain = cert.base + len;
		files.chain_len = r->n - in.pos - len;
	}
	if (step(r, snp_certs_load(&files, &certs, &e), &e, "load"))
		return;
	MUST(sk_X509_num(certs) > 0 && sk_X509_num(certs) <= SNP_MAX_CERTS);
	gives_number(r, (uint64_t)sk_X509_num(certs));
	read_one(r, sk_X509_value(certs, 0), product);
	if (!step(r, root_of(certs, &root, &files.time) ? RC_OK : RC_IO,
		  &(struct err){"no root"}, "root") &&
	    !step(r, snp_cert_verify(&files, &out, &e), &e, "verify"))
		note(r, &out);
	sk_X509_pop_free(certs, X509_free);
}
