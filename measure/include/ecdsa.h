/* SPDX-License-Identifier: Apache-2.0 */
/* ecdsa.h: ECDSA with P-384 and SHA-384 over libcrypto. */
#ifndef MOTE_ECDSA_H
#define MOTE_ECDSA_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum { ECDSA_SIZE = 48 }; /* bytes of a coordinate, of r and of s */

/* Public key and signature; the integers are big-endian. */
struct ecdsa_point {
	uint8_t x[ECDSA_SIZE], y[ECDSA_SIZE];
};
struct ecdsa_sig {
	uint8_t r[ECDSA_SIZE], s[ECDSA_SIZE];
};

/*
 * Read a private or a public key, PEM or DER (SEC 1, PKCS #8, X.509), without
 * a passphrase; other blocks of PEM may stand before it. RC_FORMAT if there is
 * none, or a damaged one; RC_UNSUPPORTED for any algorithm or curve but P-384.
 * The caller owns *out, which is NULL after a failure, and frees it by
 * EVP_PKEY_free(). The bytes stay his: those of a private key are to be
 * cleansed.
 */
int ecdsa_private(const void *p, size_t len, EVP_PKEY **out, struct err *e);
int ecdsa_public(const void *p, size_t len, EVP_PKEY **out, struct err *e);

/* The public half of a key of those above. */
int ecdsa_point_of(const EVP_PKEY *key, struct ecdsa_point *out, struct err *e);

/* The reverse; RC_FORMAT if p is no point of the curve. As ecdsa_public(). */
int ecdsa_key_of(const struct ecdsa_point *p, EVP_PKEY **out, struct err *e);

/*
 * Signs n bytes with a private key; the nonce is that of RFC 6979, so that the
 * same key and bytes always give the same signature. It has been verified when
 * it is handed out. Only libcrypto can fail: RC_IO, and *out is zeros.
 */
int ecdsa_sign(EVP_PKEY *key, const void *msg, size_t n, struct ecdsa_sig *out,
	       struct err *e);

/* RC_MISMATCH if sig is not one of these n bytes by key. */
int ecdsa_verify(EVP_PKEY *key, const void *msg, size_t n,
		 const struct ecdsa_sig *sig, struct err *e);

/* Reads Ecdsa-Sig-Value (RFC 3279, 2.2.3): all of len bytes, in DER. */
int ecdsa_sig_parse(const void *der, size_t len, struct ecdsa_sig *out,
		    struct err *e);

#endif
