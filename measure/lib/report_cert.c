/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_cert.c: certificates of the keys that sign reports, from their files.
 *
 * AMD's key server hands out a VCEK or VLEK as DER, and the two certificates
 * above it as PEM; clouds keep all of them in one PEM file, the key's own
 * first.
 */
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "ecdsa_parts.h"
#include "report_cert.h"

enum { DER_SEQUENCE = 0x30 };

int snp_crypto_failed(struct err *e, const char *what)
{
	ERR_clear_error();
	return err_set(e, RC_IO, "libcrypto: %s failed", what);
}

/* One certificate that takes all len bytes, onto the stack. */
static int push_der(STACK_OF(X509) * certs, const uint8_t *der, size_t len,
		    struct err *e)
{
	const unsigned char *p = der;
	X509 *x;

	if (sk_X509_num(certs) >= SNP_MAX_CERTS)
		return err_set(e, RC_LIMIT, "more than %d certificates",
			       SNP_MAX_CERTS);
	if (len > LONG_MAX)
		return err_set(e, RC_LIMIT, "certificate of %zu bytes", len);
	ERR_clear_error();
	x = d2i_X509(NULL, &p, (long)len);
	if (!x)
		return ecdsa_failed(e, RC_FORMAT,
				    "certificate: not an X.509 certificate");
	if ((size_t)(p - der) != len) {
		X509_free(x);
		return err_set(e, RC_FORMAT,
			       "certificate: %zu bytes behind its end",
			       len - (size_t)(p - der));
	}
	if (!sk_X509_push(certs, x)) {
		X509_free(x);
		return snp_crypto_failed(e, "a stack");
	}
	return RC_OK;
}

static int push_block(STACK_OF(X509) * certs, const char *name,
		      const char *header, const uint8_t *data, long len,
		      struct err *e)
{
	if (strcmp(name, "CERTIFICATE") != 0)
		return err_set(e, RC_FORMAT,
			       "certificates: a PEM block is \"%s\"", name);
	if (header[0])
		return err_set(e, RC_FORMAT,
			       "certificates: a PEM block has a header");
	return push_der(certs, data, (size_t)len, e);
}

/* The end of the last block, or text that is none. */
static int end_of_pem(struct err *e)
{
	unsigned long code = ERR_peek_last_error();

	if (ERR_GET_LIB(code) == ERR_LIB_PEM &&
	    ERR_GET_REASON(code) == PEM_R_NO_START_LINE) {
		ERR_clear_error();
		return RC_OK;
	}
	return ecdsa_failed(e, RC_FORMAT,
			    "certificates: a PEM block is damaged");
}

static int push_pem_bio(STACK_OF(X509) * certs, BIO *bio, struct err *e)
{
	int rc = RC_OK;

	while (!rc) {
		char *name = NULL, *header = NULL;
		unsigned char *data = NULL;
		long len = 0;

		ERR_clear_error();
		if (!PEM_read_bio(bio, &name, &header, &data, &len))
			return end_of_pem(e);
		rc = push_block(certs, name, header, data, len, e);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(data);
	}
	return rc;
}

static int push_pem(STACK_OF(X509) * certs, const uint8_t *pem, size_t len,
		    const char *what, struct err *e)
{
	int before = sk_X509_num(certs), rc;
	BIO *bio;

	if (len > INT_MAX)
		return err_set(e, RC_LIMIT, "%s: %zu bytes", what, len);
	bio = BIO_new_mem_buf(pem, (int)len);
	if (!bio)
		return snp_crypto_failed(e, "a buffer");
	rc = push_pem_bio(certs, bio, e);
	BIO_free(bio);
	if (!rc && sk_X509_num(certs) == before)
		return err_set(e, RC_FORMAT, "%s: no certificate in it", what);
	return rc;
}

static int push_files(STACK_OF(X509) * certs,
		      const struct snp_cert_files *files, struct err *e)
{
	int rc;

	if (files->cert_len > 0 && files->cert[0] == DER_SEQUENCE)
		rc = push_der(certs, files->cert, files->cert_len, e);
	else
		rc = push_pem(certs, files->cert, files->cert_len,
			      "certificate", e);
	if (!rc && files->chain)
		rc = push_pem(certs, files->chain, files->chain_len, "chain",
			      e);
	return rc;
}

int snp_certs_load(const struct snp_cert_files *files, STACK_OF(X509) * *out,
		   struct err *e)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	int rc;

	if (!certs)
		return snp_crypto_failed(e, "a stack");
	rc = push_files(certs, files, e);
	if (rc)
		sk_X509_pop_free(certs, X509_free);
	else
		*out = certs;
	return rc;
}

/* Whether the first of the two files alone can be read. */
static bool cert_loads(const struct snp_cert_files *files)
{
	struct snp_cert_files first = *files;
	STACK_OF(X509) *certs = NULL;
	struct err e = {""};
	int rc;

	first.chain = NULL;
	rc = snp_certs_load(&first, &certs, &e);
	if (!rc)
		sk_X509_pop_free(certs, X509_free);
	return !rc;
}

int snp_cert_verify(const struct snp_cert_files *files, struct snp_cert *out,
		    struct err *e)
{
	STACK_OF(X509) *certs = NULL;
	int rc;

	*out = (struct snp_cert){.kind = SNP_NO_KEY};
	rc = snp_certs_load(files, &certs, e);
	if (rc) {
		if (files->chain && cert_loads(files))
			out->fault = SNP_CERT_CHAIN_FILE;
		return rc;
	}
	rc = snp_certs_verify(certs, files, out, e);
	if (!rc)
		rc = snp_cert_extensions(sk_X509_value(certs, 0), out, e);
	sk_X509_pop_free(certs, X509_free);
	return rc;
}
