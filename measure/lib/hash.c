/* SPDX-License-Identifier: Apache-2.0 */
/* hash.c: SHA-2 and HMAC over libcrypto. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

struct hash {
	EVP_MD *md;
	EVP_MD_CTX *ctx, *copy;
	size_t size;
	bool failed;
};

static const char *name_of(size_t size)
{
	switch (size) {
	case SHA256_SIZE:
		return "SHA256";
	case SHA384_SIZE:
		return "SHA384";
	default:
		return "SHA512";
	}
}

struct hash *hash_new(size_t size, struct err *e)
{
	struct hash *h = calloc(1, sizeof(*h));

	if (!h) {
		err_nomem(e);
		return NULL;
	}
	h->size = size;
	h->md = EVP_MD_fetch(NULL, name_of(size), NULL);
	h->ctx = EVP_MD_CTX_new();
	h->copy = EVP_MD_CTX_new();
	if (!h->md || !h->ctx || !h->copy) {
		err_set(e, RC_IO, "libcrypto: no %s", name_of(size));
		hash_free(h);
		return NULL;
	}
	return h;
}

void hash_free(struct hash *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_CTX_free(h->copy);
	EVP_MD_free(h->md);
	free(h);
}

void hash_begin(struct hash *h)
{
	if (EVP_DigestInit_ex2(h->ctx, h->md, NULL) != 1)
		h->failed = true;
}

void hash_update(struct hash *h, const void *p, size_t n)
{
	if (!h->failed && EVP_DigestUpdate(h->ctx, p, n) != 1)
		h->failed = true;
}

void hash_final(struct hash *h, uint8_t *out)
{
	if (!h->failed && EVP_DigestFinal_ex(h->ctx, out, NULL) != 1)
		h->failed = true;
	if (h->failed)
		memset(out, 0, h->size);
}

void hash_peek(struct hash *h, uint8_t *out)
{
	if (!h->failed && (EVP_MD_CTX_copy_ex(h->copy, h->ctx) != 1 ||
			   EVP_DigestFinal_ex(h->copy, out, NULL) != 1))
		h->failed = true;
	if (h->failed)
		memset(out, 0, h->size);
}

void hash_copy(struct hash *to, const struct hash *from)
{
	if (from->failed || EVP_MD_CTX_copy_ex(to->ctx, from->ctx) != 1)
		to->failed = true;
}

void hash_once(struct hash *h, const void *p, size_t n, uint8_t *out)
{
	hash_begin(h);
	hash_update(h, p, n);
	hash_final(h, out);
}

int hash_check(const struct hash *h, struct err *e)
{
	if (h->failed)
		return err_set(e, RC_IO, "libcrypto: %s failed",
			       name_of(h->size));
	return RC_OK;
}

int hash_bytes(size_t size, const void *p, size_t n, uint8_t *out,
	       struct err *e)
{
	struct hash *h = hash_new(size, e);
	int rc;

	if (!h)
		return RC_IO;
	hash_once(h, p, n, out);
	rc = hash_check(h, e);
	hash_free(h);
	return rc;
}

int hash_hmac(size_t size, const void *key, size_t key_len, const void *p,
	      size_t n, uint8_t *out, struct err *e)
{
	size_t len = 0;

	if (!EVP_Q_mac(NULL, "HMAC", NULL, name_of(size), NULL, key, key_len, p,
		       n, out, size, &len) ||
	    len != size)
		return err_set(e, RC_IO, "libcrypto: HMAC with %s failed",
			       name_of(size));
	return RC_OK;
}
