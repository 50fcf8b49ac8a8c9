/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecdsa_sign.c: deterministic ECDSA signatures, RFC 6979.
 *
 * From 3.2 on libcrypto derives the nonce by itself. For 3.0 it is derived
 * here (RFC 6979, 3.2; for P-384 with SHA-384 the lengths of q, of a digest
 * and of a block are the same 48 bytes) and handed to libcrypto's own signing
 * as 1/k and r. The functions that take them are deprecated: they are used in
 * this file alone.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
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

static int put(const ECDSA_SIG *sig, struct ecdsa_sig *out)
{
	return BN_bn2binpad(ECDSA_SIG_get0_r(sig), out->r, ECDSA_SIZE) > 0 &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(sig), out->s, ECDSA_SIZE) > 0;
}

#ifdef OSSL_SIGNATURE_PARAM_NONCE_TYPE

/* A libcrypto older than its headers would ignore the wish. */
static bool start(EVP_MD_CTX *ctx, EVP_PKEY *key)
{
	unsigned int type = 1; /* RFC 6979 */
	OSSL_PARAM params[] = {
		OSSL_PARAM_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE, &type),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *pctx = NULL;

	return EVP_DigestSignInit_ex(ctx, &pctx, "SHA384", NULL, NULL, key,
				     NULL) == 1 &&
	       OSSL_PARAM_locate_const(EVP_PKEY_CTX_settable_params(pctx),
				       OSSL_SIGNATURE_PARAM_NONCE_TYPE) &&
	       EVP_PKEY_CTX_set_params(pctx, params) == 1;
}

static int sign(EVP_PKEY *key, const void *msg, size_t n, struct ecdsa_sig *out,
		struct err *e)
{
	unsigned char der[256];
	const unsigned char *at = der;
	size_t len = sizeof(der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ECDSA_SIG *sig = NULL;
	int ok;

	if (ctx && start(ctx, key) &&
	    EVP_DigestSign(ctx, der, &len, msg, n) == 1)
		sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	ok = sig && put(sig, out);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	return ok ? RC_OK : ecdsa_failed(e, RC_IO, "cannot sign");
}

#else

/* One try fails with a probability of 2^-190. */
enum { MAX_TRIES = 16 };

/* HMAC_DRBG: RFC 6979, 3.2 b to h. */
struct drbg {
	uint8_t k[SHA384_SIZE], v[SHA384_SIZE];
};

static int drbg_hmac(const struct drbg *d, const uint8_t *p, size_t n,
		     uint8_t *out, struct err *e)
{
	uint8_t mac[SHA384_SIZE];
	int rc = hash_hmac(SHA384_SIZE, d->k, sizeof(d->k), p, n, mac, e);

	if (!rc)
		memcpy(out, mac, sizeof(mac));
	OPENSSL_cleanse(mac, sizeof(mac));
	return rc;
}

/* The steps d and e (mark 0), f and g (mark 1), or those of h.3 (no seed). */
static int drbg_update(struct drbg *d, uint8_t mark, const uint8_t *seed,
		       size_t n, struct err *e)
{
	uint8_t text[SHA384_SIZE + 1 + 2 * ECDSA_SIZE];
	int rc;

	memcpy(text, d->v, SHA384_SIZE);
	text[SHA384_SIZE] = mark;
	if (n > 0)
		memcpy(text + SHA384_SIZE + 1, seed, n);
	rc = drbg_hmac(d, text, SHA384_SIZE + 1 + n, d->k, e);
	OPENSSL_cleanse(text, sizeof(text));
	return rc ? rc : drbg_hmac(d, d->v, sizeof(d->v), d->v, e);
}

/* Seeds d: int2octets(x) and bits2octets(digest), 2.3.3 and 2.3.4. */
static int drbg_start(struct drbg *d, const EC_KEY *key, const BIGNUM *q,
		      const uint8_t *digest, struct err *e)
{
	uint8_t seed[2 * ECDSA_SIZE];
	BIGNUM *z = BN_bin2bn(digest, SHA384_SIZE, NULL);
	int rc = RC_OK;

	memset(d->k, 0, sizeof(d->k));
	memset(d->v, 1, sizeof(d->v));
	/* Both are below 2^384: one subtraction is the remainder. */
	if (!z || (BN_cmp(z, q) >= 0 && !BN_sub(z, z, q)) ||
	    BN_bn2binpad(EC_KEY_get0_private_key(key), seed, ECDSA_SIZE) < 0 ||
	    BN_bn2binpad(z, seed + ECDSA_SIZE, ECDSA_SIZE) < 0)
		rc = ecdsa_failed(e, RC_IO, "cannot sign");
	if (!rc)
		rc = drbg_update(d, 0, seed, sizeof(seed), e);
	if (!rc)
		rc = drbg_update(d, 1, seed, sizeof(seed), e);
	OPENSSL_cleanse(seed, sizeof(seed));
	BN_free(z);
	return rc;
}

/* r = x of kG mod q, inverse = k^(q-2) mod q; in time that tells nothing. */
static int commit(const EC_GROUP *group, const BIGNUM *k, BIGNUM *inverse,
		  BIGNUM *r, BN_CTX *ctx)
{
	const BIGNUM *q = EC_GROUP_get0_order(group);
	EC_POINT *point = EC_POINT_new(group);
	BIGNUM *power = BN_dup(q);
	int ok;

	ok = point && power && BN_sub_word(power, 2) &&
	     EC_POINT_mul(group, point, k, NULL, NULL, ctx) &&
	     EC_POINT_get_affine_coordinates(group, point, r, NULL, ctx) &&
	     BN_nnmod(r, r, q, ctx) &&
	     BN_mod_exp_mont_consttime(inverse, k, power, q, ctx, NULL);
	BN_free(power);
	EC_POINT_clear_free(point);
	return ok;
}

/* The next k of 1 to q-1, as step h makes it; RC_LIMIT: not in range. */
static int next_k(struct drbg *d, const BIGNUM *q, BIGNUM *k, struct err *e)
{
	int rc = drbg_hmac(d, d->v, sizeof(d->v), d->v, e);

	if (rc)
		return rc;
	if (!BN_bin2bn(d->v, sizeof(d->v), k))
		return ecdsa_failed(e, RC_IO, "cannot sign");
	if (BN_is_zero(k) || BN_cmp(k, q) >= 0)
		return RC_LIMIT;
	return RC_OK;
}

/* Fills inverse and r from the first k that gives an r other than 0. */
static int nonce(const EC_KEY *key, const uint8_t *digest, BIGNUM *inverse,
		 BIGNUM *r, struct err *e)
{
	const EC_GROUP *group = EC_KEY_get0_group(key);
	const BIGNUM *q = EC_GROUP_get0_order(group);
	BIGNUM *k = BN_secure_new();
	BN_CTX *ctx = BN_CTX_secure_new();
	struct drbg d;
	int rc;

	rc = drbg_start(&d, key, q, digest, e);
	if (!rc && (!k || !ctx))
		rc = ecdsa_failed(e, RC_IO, "cannot sign");
	if (k)
		BN_set_flags(k, BN_FLG_CONSTTIME);
	for (int i = 0; !rc; i++) {
		rc = next_k(&d, q, k, e);
		if (!rc && !commit(group, k, inverse, r, ctx))
			rc = ecdsa_failed(e, RC_IO, "cannot sign");
		if (rc == RC_IO || (!rc && !BN_is_zero(r)))
			break;
		rc = i < MAX_TRIES ? drbg_update(&d, 0, NULL, 0, e)
				   : ecdsa_failed(e, RC_IO, "no nonce");
	}
	OPENSSL_cleanse(&d, sizeof(d));
	BN_CTX_free(ctx);
	BN_clear_free(k);
	return rc;
}

static int sign(EVP_PKEY *pkey, const void *msg, size_t n,
		struct ecdsa_sig *out, struct err *e)
{
	EC_KEY *key = EVP_PKEY_get1_EC_KEY(pkey);
	BIGNUM *inverse = BN_secure_new(), *r = BN_new();
	uint8_t digest[SHA384_SIZE];
	ECDSA_SIG *sig = NULL;
	int rc;

	rc = hash_bytes(sizeof(digest), msg, n, digest, e);
	if (!rc && (!key || !EC_KEY_get0_private_key(key) || !inverse || !r))
		rc = ecdsa_failed(e, RC_IO, "cannot sign");
	if (!rc)
		BN_set_flags(inverse, BN_FLG_CONSTTIME);
	if (!rc)
		rc = nonce(key, digest, inverse, r, e);
	if (!rc) {
		sig = ECDSA_do_sign_ex(digest, sizeof(digest), inverse, r, key);
		if (!sig || !put(sig, out))
			rc = ecdsa_failed(e, RC_IO, "cannot sign");
	}
	ECDSA_SIG_free(sig);
	BN_clear_free(inverse);
	BN_clear_free(r);
	EC_KEY_free(key);
	return rc;
}

#endif

int ecdsa_sign(EVP_PKEY *key, const void *msg, size_t n, struct ecdsa_sig *out,
	       struct err *e)
{
	int rc;

	memset(out, 0, sizeof(*out));
	ERR_clear_error();
	rc = sign(key, msg, n, out, e);
	if (!rc && ecdsa_verify(key, msg, n, out, e))
		rc = err_set(e, RC_IO, "the signature made does not verify");
	if (rc)
		memset(out, 0, sizeof(*out));
	return rc;
}
