/* SPDX-License-Identifier: Apache-2.0 */
/* hash.h: SHA-2 and HMAC over libcrypto. */
#ifndef MOTE_HASH_H
#define MOTE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum { SHA256_SIZE = 32, SHA384_SIZE = 48, SHA512_SIZE = 64 };

/*
 * One algorithm and its context, used for any number of digests. A failure in
 * libcrypto is remembered, digests are zeros from then on, and hash_check()
 * reports it: a function that hands out a digest asks once, at its end.
 */
struct hash;

/* size: SHA256_SIZE, SHA384_SIZE or SHA512_SIZE. NULL: *e says why, RC_IO. */
struct hash *hash_new(size_t size, struct err *e);
void hash_free(struct hash *h); /* NULL is allowed */

void hash_begin(struct hash *h);
void hash_update(struct hash *h, const void *p, size_t n);
void hash_final(struct hash *h, uint8_t *out); /* as many bytes as size */

/* The digest of what came so far; more may follow. */
void hash_peek(struct hash *h, uint8_t *out);

/* to goes on where from stands. Both are of one size. */
void hash_copy(struct hash *to, const struct hash *from);

/* The three in one. */
void hash_once(struct hash *h, const void *p, size_t n, uint8_t *out);

/* RC_OK, or RC_IO if any of the digests failed. */
int hash_check(const struct hash *h, struct err *e);

/* One digest with a context of its own. */
int hash_bytes(size_t size, const void *p, size_t n, uint8_t *out,
	       struct err *e);

/* HMAC (RFC 2104) with SHA-2 of that size. */
int hash_hmac(size_t size, const void *key, size_t key_len, const void *p,
	      size_t n, uint8_t *out, struct err *e);

#endif
