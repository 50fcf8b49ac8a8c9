/* SPDX-License-Identifier: Apache-2.0 */
/* ecdsa.c: P-384 keys, and verification of signatures. */
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <string.h>

#include "ecdsa.h"
#include "ecdsa_parts.h"
#include "hash.h"

enum {
	MAX_KEY_FILE = 65536,
	MAX_BLOCKS = 8, /* of PEM that are tried */
	/* Ecdsa-Sig-Value: two INTEGERs of at most 49 bytes, three headers. */
	MAX_DER = 104,
};
#define CURVE "secp384r1"

/* Reasons that say nothing about the input. */
static bool own_fault(unsigned long code)
{
	switch (ERR_GET_REASON(code)) {
	case ERR_R_MALLOC_FAILURE:
	case ERR_R_INTERNAL_ERROR:
	case ERR_R_INIT_FAIL:
		return true;
	default:
		return false;
	}
}

int ecdsa_failed(struct err *e, int rc, const char *message)
{
	unsigned long code;

	while ((code = ERR_get_error()) != 0)
		if (own_fault(code))
			rc = RC_IO;
	return err_set(e, rc, "%s%s", message,
		       rc == RC_IO ? ": libcrypto failed" : "");
}

/* Of functions that give a reason whenever it is the input's fault. */
static int failed_unless_told(struct err *e, int rc, const char *message)
{
	return ecdsa_failed(e, ERR_peek_error() ? rc : RC_IO, message);
}

/* Keys follow parameters or a certificate in the same file. */
static bool decode(OSSL_DECODER_CTX *d, BIO *b, EVP_PKEY *const *out)
{
	for (int i = 0; i < MAX_BLOCKS; i++) {
		long at = BIO_tell(b);

		if (OSSL_DECODER_from_bio(d, b) == 1 && *out)
			return true;
		if (BIO_eof(b) || BIO_tell(b) <= at)
			break;
	}
	return false;
}

static int read_key(const void *p, size_t len, int selection, EVP_PKEY **out,
		    struct err *e)
{
	const char *what = selection == EVP_PKEY_KEYPAIR
				   ? "no private key, PEM or DER, without a "
				     "passphrase"
				   : "no public key, PEM or DER";
	OSSL_DECODER_CTX *d;
	BIO *b;
	int rc = RC_OK;

	*out = NULL;
	if (len > MAX_KEY_FILE)
		return err_set(e, RC_LIMIT, "key has more than %d bytes",
			       MAX_KEY_FILE);
	ERR_clear_error();
	b = BIO_new_mem_buf(p, (int)len);
	d = OSSL_DECODER_CTX_new_for_pkey(out, NULL, NULL, NULL, selection,
					  NULL, NULL);
	if (!b || !d)
		rc = ecdsa_failed(e, RC_IO, what);
	else if (!decode(d, b, out))
		rc = ecdsa_failed(e, RC_FORMAT, what);
	OSSL_DECODER_CTX_free(d);
	BIO_free(b);
	if (rc) {
		EVP_PKEY_free(*out);
		*out = NULL;
	}
	return rc;
}

/* Parameters written out may describe another curve under the same name. */
static int check_curve(const EVP_PKEY *key, struct err *e)
{
	const char *type = EVP_PKEY_get0_type_name(key);
	char curve[64] = "";
	int explicit_curve = 0;

	if (!type || strcmp(type, "EC") != 0)
		return err_set(e, RC_UNSUPPORTED,
			       "key is %s; only EC keys of P-384 can sign an "
			       "ID block",
			       type ? type : "of an unknown kind");
	if (!EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) ||
	    strcmp(curve, CURVE) != 0)
		return ecdsa_failed(e, RC_UNSUPPORTED,
				    "curve of the key is not P-384");
	if (!EVP_PKEY_get_int_param(
		    key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
		    &explicit_curve))
		return ecdsa_failed(e, RC_IO, "key");
	if (explicit_curve)
		return err_set(e, RC_UNSUPPORTED,
			       "key has written-out parameters instead of the "
			       "name of the curve");
	return RC_OK;
}

/* Whether the numbers of a key fit together. */
static int check_numbers(EVP_PKEY *key, int selection, struct err *e)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	int ok;

	if (!ctx)
		return ecdsa_failed(e, RC_IO, "key");
	ok = selection == EVP_PKEY_KEYPAIR ? EVP_PKEY_check(ctx)
					   : EVP_PKEY_public_check(ctx);
	EVP_PKEY_CTX_free(ctx);
	if (ok != 1)
		return failed_unless_told(e, RC_FORMAT,
					  "key is damaged: its numbers do not "
					  "fit together");
	return RC_OK;
}

static int load(const void *p, size_t len, int selection, EVP_PKEY **out,
		struct err *e)
{
	int rc = read_key(p, len, selection, out, e);

	if (!rc)
		rc = check_curve(*out, e);
	if (!rc)
		rc = check_numbers(*out, selection, e);
	if (rc) {
		EVP_PKEY_free(*out);
		*out = NULL;
	}
	return rc;
}

int ecdsa_private(const void *p, size_t len, EVP_PKEY **out, struct err *e)
{
	return load(p, len, EVP_PKEY_KEYPAIR, out, e);
}

int ecdsa_public(const void *p, size_t len, EVP_PKEY **out, struct err *e)
{
	return load(p, len, EVP_PKEY_PUBLIC_KEY, out, e);
}

int ecdsa_point_of(const EVP_PKEY *key, struct ecdsa_point *out, struct err *e)
{
	BIGNUM *x = NULL, *y = NULL;
	int ok;

	memset(out, 0, sizeof(*out));
	ok = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1 &&
	     BN_bn2binpad(x, out->x, ECDSA_SIZE) == ECDSA_SIZE &&
	     BN_bn2binpad(y, out->y, ECDSA_SIZE) == ECDSA_SIZE;
	BN_free(x);
	BN_free(y);
	return ok ? RC_OK : ecdsa_failed(e, RC_IO, "public key");
}

int ecdsa_key_of(const struct ecdsa_point *p, EVP_PKEY **out, struct err *e)
{
	/* SEC 1, 2.3.3: uncompressed. */
	unsigned char octets[1 + 2 * ECDSA_SIZE] = {4};
	char curve[] = CURVE;
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve,
				       sizeof(curve) - 1),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, octets,
					sizeof(octets)),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *ctx;
	int ok;

	memcpy(octets + 1, p->x, ECDSA_SIZE);
	memcpy(octets + 1 + ECDSA_SIZE, p->y, ECDSA_SIZE);
	*out = NULL;
	ERR_clear_error();
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1) {
		EVP_PKEY_CTX_free(ctx);
		return ecdsa_failed(e, RC_IO, "public key");
	}
	ok = EVP_PKEY_fromdata(ctx, out, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	if (ok == 1 && *out)
		return RC_OK;
	EVP_PKEY_free(*out);
	*out = NULL;
	return failed_unless_told(e, RC_FORMAT, "key is no point of P-384");
}

/* Returns the length in der[MAX_DER], or 0. */
static size_t to_der(const struct ecdsa_sig *sig, unsigned char *der)
{
	BIGNUM *r = BN_bin2bn(sig->r, ECDSA_SIZE, NULL);
	BIGNUM *s = BN_bin2bn(sig->s, ECDSA_SIZE, NULL);
	ECDSA_SIG *both = ECDSA_SIG_new();
	int len = 0;

	if (!r || !s || !both || !ECDSA_SIG_set0(both, r, s)) {
		BN_free(r);
		BN_free(s);
	} else if (i2d_ECDSA_SIG(both, NULL) <= MAX_DER) {
		len = i2d_ECDSA_SIG(both, &der);
	}
	ECDSA_SIG_free(both);
	return len > 0 ? (size_t)len : 0;
}

int ecdsa_verify(EVP_PKEY *key, const void *msg, size_t n,
		 const struct ecdsa_sig *sig, struct err *e)
{
	uint8_t digest[SHA384_SIZE];
	unsigned char der[MAX_DER];
	EVP_PKEY_CTX *ctx;
	size_t len;
	int ok = -1, rc = hash_bytes(sizeof(digest), msg, n, digest, e);

	if (rc)
		return rc;
	ERR_clear_error();
	len = to_der(sig, der);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (len > 0 && ctx && EVP_PKEY_verify_init(ctx) == 1)
		ok = EVP_PKEY_verify(ctx, der, len, digest, sizeof(digest));
	EVP_PKEY_CTX_free(ctx);
	if (ok == 0)
		return err_set(e, RC_MISMATCH, "signature does not verify");
	return ok == 1 ? RC_OK : ecdsa_failed(e, RC_IO, "cannot verify");
}

int ecdsa_sig_parse(const void *der, size_t len, struct ecdsa_sig *out,
		    struct err *e)
{
	static const char what[] = "no ECDSA signature in DER with r and s of "
				   "P-384";
	const unsigned char *at = der;
	unsigned char again[MAX_DER];
	ECDSA_SIG *sig;
	size_t made;
	int ok;

	memset(out, 0, sizeof(*out));
	if (len > MAX_DER)
		return err_set(e, RC_LIMIT,
			       "%zu bytes are too many for a signature of "
			       "P-384, which has at most %d",
			       len, MAX_DER);
	ERR_clear_error();
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	/* A negative number would lose its sign here, and fails below. */
	ok = sig &&
	     BN_bn2binpad(ECDSA_SIG_get0_r(sig), out->r, ECDSA_SIZE) >= 0 &&
	     BN_bn2binpad(ECDSA_SIG_get0_s(sig), out->s, ECDSA_SIZE) >= 0;
	ECDSA_SIG_free(sig);
	if (!ok)
		return ecdsa_failed(e, RC_FORMAT, what);
	/* Only DER comes back as it was. */
	made = to_der(out, again);
	if (made != len || memcmp(again, der, len) != 0)
		return ecdsa_failed(e, made ? RC_FORMAT : RC_IO, what);
	return RC_OK;
}
