/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_cert_sign.c: the signature of a report.
 *
 * ECDSA on P-384 with SHA-384 of the bytes before it (AMD 56860, chapter 10): R
 * and S, 72 bytes each, little-endian, at 0x2a0.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "rd.h"
#include "report_cert.h"

enum { NUMBER = 72 };

/* The signature as OpenSSL wants it, DER. *der belongs to the caller. */
static int encode(const struct snp_report *r, unsigned char **der, size_t *len,
		  struct err *e)
{
	struct rd in = rd_of(r->bytes, SNP_REPORT_SIZE);
	uint8_t number[NUMBER];
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *n[2] = {NULL, NULL};
	int size = 0;

	rd_seek(&in, SNP_REPORT_SIGNED);
	for (int i = 0; i < 2; i++) {
		rd_copy(&in, number, sizeof(number));
		n[i] = BN_lebin2bn(number, sizeof(number), NULL);
	}
	if (sig && n[0] && n[1] && ECDSA_SIG_set0(sig, n[0], n[1]) == 1) {
		n[0] = n[1] = NULL; /* of sig now */
		size = i2d_ECDSA_SIG(sig, der);
	}
	BN_free(n[0]);
	BN_free(n[1]);
	ECDSA_SIG_free(sig);
	if (size <= 0)
		return snp_crypto_failed(e, "encoding a signature");
	*len = (size_t)size;
	return RC_OK;
}

static int verify(EVP_PKEY *key, EVP_MD_CTX *ctx, const struct snp_report *r,
		  struct err *e)
{
	unsigned char *der = NULL;
	size_t len = 0;
	int rc = encode(r, &der, &len, e), ok = 0;

	if (rc)
		return rc;
	if (EVP_DigestVerifyInit_ex(ctx, NULL, "SHA384", NULL, NULL, key,
				    NULL) != 1)
		rc = snp_crypto_failed(e, "ECDSA");
	else
		ok = EVP_DigestVerify(ctx, der, len, r->bytes,
				      SNP_REPORT_SIGNED);
	if (!rc && ok < 0)
		rc = snp_crypto_failed(e, "ECDSA");
	OPENSSL_free(der);
	ERR_clear_error();
	if (!rc && ok != 1)
		rc = err_set(e, RC_MISMATCH,
			     "signature: not made by the key of the "
			     "certificate");
	return rc;
}

int snp_report_signature(const struct snp_report *r, const struct snp_cert *c,
			 struct err *e)
{
	const unsigned char *p = c->spki;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)c->spki_len);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc;

	if (key && ctx)
		rc = verify(key, ctx, r, e);
	else
		rc = snp_crypto_failed(e, "reading a key");
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return rc;
}
