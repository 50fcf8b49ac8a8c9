/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_measure_key.c: private and public keys, PEM or DER, and their use. */
#include <openssl/evp.h>
#include <string.h>

#include "ecdsa.h"
#include "inject.h"

static const char text[] = "to be signed";

static void public_key(struct run *r, const EVP_PKEY *key, const char *of)
{
	struct ecdsa_point p, q;
	struct err e = {""};
	EVP_PKEY *again;

	if (step(r, ecdsa_point_of(key, &p, &e), &e, "%s point", of))
		return;
	gives(r, &p, sizeof(p));
	if (step(r, ecdsa_key_of(&p, &again, &e), &e, "%s key", of)) {
		MUST(!again);
		return;
	}
	if (!step(r, ecdsa_point_of(again, &q, &e), &e, "%s point again", of))
		MUST(memcmp(&p, &q, sizeof(p)) == 0);
	EVP_PKEY_free(again);
}

static void sign(struct run *r, EVP_PKEY *key)
{
	struct ecdsa_sig sig;
	struct err e = {""};

	if (step(r, ecdsa_sign(key, text, sizeof(text), &sig, &e), &e, "sign"))
		return;
	gives(r, &sig, sizeof(sig));
	step(r, ecdsa_verify(key, text, sizeof(text), &sig, &e), &e, "verify");
	sig.s[0] ^= 1;
	MUST(step(r, ecdsa_verify(key, text, sizeof(text), &sig, &e), &e,
		  "verify other"));
}

void one(struct run *r)
{
	struct err e = {""};
	EVP_PKEY *key;

	if (!step(r, ecdsa_private(r->p, r->n, &key, &e), &e, "private")) {
		public_key(r, key, "private");
		sign(r, key);
		EVP_PKEY_free(key);
	} else {
		MUST(!key);
	}
	if (!step(r, ecdsa_public(r->p, r->n, &key, &e), &e, "public")) {
		public_key(r, key, "public");
		EVP_PKEY_free(key);
	} else {
		MUST(!key);
	}
}
