/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_measure_idblock.c: ID blocks, ID auths and signatures in DER.
 *
 * The same bytes are read as each of them, and as a block with an ID auth.
 */
#include <string.h>

#include "idblock.h"
#include "inject.h"

static void block(struct run *r)
{
	uint8_t again[IDB_BLOCK_SIZE];
	struct idb_block b;
	struct err e = {""};
	size_t n = r->n < IDB_BLOCK_SIZE ? r->n : IDB_BLOCK_SIZE;

	step(r, idb_block_parse(r->p, r->n, &b, &e), &e, "block alone");
	if (step(r, idb_block_parse(r->p, n, &b, &e), &e, "block"))
		return;
	idb_block_write(&b, again);
	MUST(memcmp(again, r->p, sizeof(again)) == 0);
}

static void auth(struct run *r, const uint8_t *p, size_t n)
{
	uint8_t again[IDB_AUTH_SIZE], digest[IDB_DIGEST];
	struct idb_auth a;
	struct err e = {""};

	if (step(r, idb_auth_parse(p, n, &a, &e), &e, "auth"))
		return;
	idb_auth_write(&a, again);
	MUST(memcmp(again, p, sizeof(again)) == 0);
	if (!step(r, idb_key_digest(&a.id_key, digest, &e), &e, "digest"))
		gives(r, digest, sizeof(digest));
	step(r, idb_auth_verify(&a, p - IDB_BLOCK_SIZE, &e), &e, "verify");
	step(r, idb_auth_verify(&a, NULL, &e), &e, "verify author");
}

static void signature(struct run *r)
{
	struct ecdsa_sig sig;
	struct err e = {""};

	if (step(r, ecdsa_sig_parse(r->p, r->n, &sig, &e), &e, "signature"))
		return;
	gives(r, sig.r, sizeof(sig.r));
	gives(r, sig.s, sizeof(sig.s));
}

void one(struct run *r)
{
	signature(r);
	block(r);
	if (r->n >= IDB_BLOCK_SIZE)
		auth(r, r->p + IDB_BLOCK_SIZE, r->n - IDB_BLOCK_SIZE);
}
