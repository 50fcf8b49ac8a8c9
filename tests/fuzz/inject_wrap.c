/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject_wrap.c: calls of mote-measure that fail on demand.
 *
 * The linker puts __wrap_X in the place of X; mk/fuzz.mk reads the names from
 * here: each stands behind the parenthesis that begins a line's macro.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "inject.h"

static bool out_of_memory(void)
{
	if (!inject(INJECT_OWN))
		return false;
	errno = ENOMEM;
	return true;
}

/* libcrypto always leaves a reason. */
static bool crypto_fails(void)
{
	if (!inject(INJECT_CRYPTO))
		return false;
	ERR_raise(ERR_LIB_CRYPTO, ERR_R_MALLOC_FAILURE);
	return true;
}

#define WRAP(fails, failure, name, type, params, args)                         \
	type __real_##name params;                                             \
	type __wrap_##name params;                                             \
	type __wrap_##name params                                              \
	{                                                                      \
		return fails() ? (failure) : __real_##name args;               \
	}
#define MEM(name, type, params, args)                                          \
	WRAP(out_of_memory, NULL, name, type, params, args)
#define PTR(name, type, params, args)                                          \
	WRAP(crypto_fails, NULL, name, type, params, args)
#define INT(name, params, args) WRAP(crypto_fails, 0, name, int, params, args)
#define NEG(name, params, args) WRAP(crypto_fails, -1, name, int, params, args)

/*
 * jansson 2.14 reads wrong values, and writes outside of its memory, if that
 * runs out while it reads; and json_dumps() may leave out a key. As a whole
 * they fail as documented; main() ends the program before they do so.
 */
json_t *__real_json_loadb(const char *s, size_t n, size_t flags,
			  json_error_t *e);
json_t *__wrap_json_loadb(const char *s, size_t n, size_t flags,
			  json_error_t *e);
char *__real_json_dumps(const json_t *j, size_t flags);
char *__wrap_json_dumps(const json_t *j, size_t flags);

json_t *__wrap_json_loadb(const char *s, size_t n, size_t flags,
			  json_error_t *e)
{
	json_t *j;

	if (inject(INJECT_JSON)) {
		*e = (json_error_t){.line = -1};
		return NULL;
	}
	inject_pause(true);
	j = __real_json_loadb(s, n, flags, e);
	inject_pause(false);
	return j;
}

char *__wrap_json_dumps(const json_t *j, size_t flags)
{
	char *text;

	if (inject(INJECT_JSON))
		return NULL;
	inject_pause(true);
	text = __real_json_dumps(j, flags);
	inject_pause(false);
	return text;
}

MEM(malloc, void *, (size_t n), (n))
MEM(calloc, void *, (size_t n, size_t size), (n, size))
MEM(realloc, void *, (void *p, size_t n), (p, n))
MEM(strdup, char *, (const char *s), (s))

PTR(EVP_MD_fetch, EVP_MD *, (OSSL_LIB_CTX * c, const char *a, const char *p),
    (c, a, p))
PTR(EVP_MD_CTX_new, EVP_MD_CTX *, (void), ())
INT(EVP_MD_CTX_copy_ex, (EVP_MD_CTX * o, const EVP_MD_CTX *i), (o, i))
INT(EVP_DigestInit_ex2, (EVP_MD_CTX * c, const EVP_MD *m, const OSSL_PARAM p[]),
    (c, m, p))
INT(EVP_DigestUpdate, (EVP_MD_CTX * c, const void *d, size_t n), (c, d, n))
INT(EVP_DigestFinal_ex, (EVP_MD_CTX * c, unsigned char *m, unsigned int *s),
    (c, m, s))
PTR(EVP_Q_mac, unsigned char *,
    (OSSL_LIB_CTX * c, const char *n, const char *q, const char *s,
     const OSSL_PARAM *a, const void *k, size_t l, const unsigned char *d,
     size_t dl, unsigned char *o, size_t os, size_t *ol),
    (c, n, q, s, a, k, l, d, dl, o, os, ol))
INT(EVP_DigestVerifyInit_ex,
    (EVP_MD_CTX * c, EVP_PKEY_CTX **k, const char *m, OSSL_LIB_CTX *l,
     const char *q, EVP_PKEY *p, const OSSL_PARAM a[]),
    (c, k, m, l, q, p, a))
NEG(EVP_DigestVerify,
    (EVP_MD_CTX * c, const unsigned char *s, size_t sl, const unsigned char *t,
     size_t tl),
    (c, s, sl, t, tl))

PTR(EVP_PKEY_CTX_new_from_name, EVP_PKEY_CTX *,
    (OSSL_LIB_CTX * l, const char *n, const char *q), (l, n, q))
PTR(EVP_PKEY_CTX_new_from_pkey, EVP_PKEY_CTX *,
    (OSSL_LIB_CTX * l, EVP_PKEY *k, const char *q), (l, k, q))
INT(EVP_PKEY_check, (EVP_PKEY_CTX * c), (c))
INT(EVP_PKEY_public_check, (EVP_PKEY_CTX * c), (c))
INT(EVP_PKEY_fromdata_init, (EVP_PKEY_CTX * c), (c))
INT(EVP_PKEY_fromdata, (EVP_PKEY_CTX * c, EVP_PKEY **k, int s, OSSL_PARAM p[]),
    (c, k, s, p))
INT(EVP_PKEY_get_bn_param, (const EVP_PKEY *k, const char *n, BIGNUM **b),
    (k, n, b))
INT(EVP_PKEY_get_int_param, (const EVP_PKEY *k, const char *n, int *o),
    (k, n, o))
INT(EVP_PKEY_get_group_name, (const EVP_PKEY *k, char *n, size_t s, size_t *l),
    (k, n, s, l))
NEG(EVP_PKEY_verify_init, (EVP_PKEY_CTX * c), (c))
NEG(EVP_PKEY_verify,
    (EVP_PKEY_CTX * c, const unsigned char *s, size_t sl,
     const unsigned char *t, size_t tl),
    (c, s, sl, t, tl))
PTR(OSSL_DECODER_CTX_new_for_pkey, OSSL_DECODER_CTX *,
    (EVP_PKEY * *k, const char *i, const char *s, const char *t, int n,
     OSSL_LIB_CTX *l, const char *q),
    (k, i, s, t, n, l, q))
INT(OSSL_DECODER_from_bio, (OSSL_DECODER_CTX * c, BIO *b), (c, b))
PTR(BIO_new_mem_buf, BIO *, (const void *p, int n), (p, n))

PTR(EVP_PKEY_get1_EC_KEY, EC_KEY *, (EVP_PKEY * k), (k))
PTR(EC_POINT_new, EC_POINT *, (const EC_GROUP *g), (g))
INT(EC_POINT_mul,
    (const EC_GROUP *g, EC_POINT *r, const BIGNUM *n, const EC_POINT *q,
     const BIGNUM *m, BN_CTX *c),
    (g, r, n, q, m, c))
INT(EC_POINT_get_affine_coordinates,
    (const EC_GROUP *g, const EC_POINT *p, BIGNUM *x, BIGNUM *y, BN_CTX *c),
    (g, p, x, y, c))
PTR(ECDSA_do_sign_ex, ECDSA_SIG *,
    (const unsigned char *d, int n, const BIGNUM *i, const BIGNUM *r,
     EC_KEY *k),
    (d, n, i, r, k))
PTR(ECDSA_SIG_new, ECDSA_SIG *, (void), ())
INT(ECDSA_SIG_set0, (ECDSA_SIG * g, BIGNUM *r, BIGNUM *s), (g, r, s))
PTR(d2i_ECDSA_SIG, ECDSA_SIG *,
    (ECDSA_SIG * *g, const unsigned char **p, long n), (g, p, n))
NEG(i2d_ECDSA_SIG, (const ECDSA_SIG *g, unsigned char **p), (g, p))
PTR(BN_new, BIGNUM *, (void), ())
PTR(BN_secure_new, BIGNUM *, (void), ())
PTR(BN_CTX_secure_new, BN_CTX *, (void), ())
PTR(BN_dup, BIGNUM *, (const BIGNUM *a), (a))
PTR(BN_bin2bn, BIGNUM *, (const unsigned char *s, int n, BIGNUM *r), (s, n, r))
PTR(BN_lebin2bn, BIGNUM *, (const unsigned char *s, int n, BIGNUM *r),
    (s, n, r))
NEG(BN_bn2binpad, (const BIGNUM *a, unsigned char *t, int n), (a, t, n))
INT(BN_sub, (BIGNUM * r, const BIGNUM *a, const BIGNUM *b), (r, a, b))
INT(BN_sub_word, (BIGNUM * a, BN_ULONG w), (a, w))
INT(BN_nnmod, (BIGNUM * r, const BIGNUM *m, const BIGNUM *d, BN_CTX *c),
    (r, m, d, c))
INT(BN_mod_exp_mont_consttime,
    (BIGNUM * r, const BIGNUM *a, const BIGNUM *p, const BIGNUM *m, BN_CTX *c,
     BN_MONT_CTX *i),
    (r, a, p, m, c, i))

PTR(OPENSSL_sk_new_null, OPENSSL_STACK *, (void), ())
INT(OPENSSL_sk_push, (OPENSSL_STACK * s, const void *p), (s, p))
INT(PEM_read_bio, (BIO * b, char **n, char **h, unsigned char **d, long *l),
    (b, n, h, d, l))
PTR(d2i_X509, X509 *, (X509 * *x, const unsigned char **p, long n), (x, p, n))
PTR(d2i_PUBKEY, EVP_PKEY *, (EVP_PKEY * *k, const unsigned char **p, long n),
    (k, p, n))
NEG(i2d_PUBKEY, (const EVP_PKEY *k, unsigned char **p), (k, p))
NEG(i2d_X509_PUBKEY, (const X509_PUBKEY *k, unsigned char **p), (k, p))
PTR(d2i_ASN1_INTEGER, ASN1_INTEGER *,
    (ASN1_INTEGER * *a, const unsigned char **p, long n), (a, p, n))
PTR(d2i_ASN1_IA5STRING, ASN1_IA5STRING *,
    (ASN1_IA5STRING * *a, const unsigned char **p, long n), (a, p, n))
PTR(d2i_ASN1_OCTET_STRING, ASN1_OCTET_STRING *,
    (ASN1_OCTET_STRING * *a, const unsigned char **p, long n), (a, p, n))
INT(ASN1_INTEGER_get_uint64, (uint64_t * v, const ASN1_INTEGER *a), (v, a))
NEG(ASN1_STRING_to_UTF8, (unsigned char **o, const ASN1_STRING *s), (o, s))
NEG(OBJ_obj2txt, (char *b, int n, const ASN1_OBJECT *a, int no_name),
    (b, n, a, no_name))
INT(X509_get_signature_info, (X509 * x, int *m, int *p, int *s, uint32_t *f),
    (x, m, p, s, f))
PTR(X509_get0_pubkey, EVP_PKEY *, (const X509 *x), (x))
PTR(X509_STORE_new, X509_STORE *, (void), ())
INT(X509_STORE_add_cert, (X509_STORE * s, X509 *x), (s, x))
PTR(X509_STORE_CTX_new, X509_STORE_CTX *, (void), ())
INT(X509_STORE_CTX_init,
    (X509_STORE_CTX * c, X509_STORE *s, X509 *x, STACK_OF(X509) * u),
    (c, s, x, u))
NEG(X509_verify_cert, (X509_STORE_CTX * c), (c))
