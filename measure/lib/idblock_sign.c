/* SPDX-License-Identifier: Apache-2.0 */
/* idblock_sign.c: signatures of the ID block and of the ID key. */
#include <openssl/evp.h>
#include <string.h>

#include "hash.h"
#include "idblock.h"

int idb_key_digest(const struct ecdsa_point *p, uint8_t out[IDB_DIGEST],
		   struct err *e)
{
	uint8_t key[IDB_KEY_SIZE];

	idb_key_write(p, key);
	return hash_bytes(SHA384_SIZE, key, sizeof(key), out, e);
}

/* Puts "what: " before the message. */
static int name(int rc, const char *what, struct err *e)
{
	struct err inner = *e;

	return rc ? err_set(e, rc, "%s: %s", what, inner.msg) : rc;
}

static int verify(const struct ecdsa_point *by, const void *msg, size_t n,
		  const struct ecdsa_sig *sig, const char *what, struct err *e)
{
	EVP_PKEY *key;
	int rc = ecdsa_key_of(by, &key, e);

	if (!rc)
		rc = ecdsa_verify(key, msg, n, sig, e);
	EVP_PKEY_free(key);
	return name(rc, what, e);
}

int idb_auth_verify(const struct idb_auth *a, const uint8_t *block,
		    struct err *e)
{
	uint8_t key[IDB_KEY_SIZE];
	int rc = RC_OK;

	idb_key_write(&a->id_key, key);
	if (block)
		rc = verify(&a->id_key, block, IDB_BLOCK_SIZE, &a->id_block_sig,
			    "ID block, by the ID key", e);
	if (!rc && a->has_author)
		rc = verify(&a->author_key, key, sizeof(key), &a->id_key_sig,
			    "ID key, by the author key", e);
	return rc;
}

static int sign(const struct idb_signer *s, const void *msg, size_t n,
		struct ecdsa_sig *out, struct err *e)
{
	int rc;

	if (!s->der)
		return ecdsa_sign(s->key, msg, n, out, e);
	rc = ecdsa_sig_parse(s->der, s->der_len, out, e);
	return rc ? rc : ecdsa_verify(s->key, msg, n, out, e);
}

int idb_auth_make(const uint8_t block[IDB_BLOCK_SIZE],
		  const struct idb_signer *id, const struct idb_signer *author,
		  struct idb_auth *out, struct err *e)
{
	uint8_t key[IDB_KEY_SIZE];
	int rc;

	memset(out, 0, sizeof(*out));
	rc = ecdsa_point_of(id->key, &out->id_key, e);
	if (!rc)
		rc = sign(id, block, IDB_BLOCK_SIZE, &out->id_block_sig, e);
	rc = name(rc, "ID block, by the ID key", e);
	if (rc || !author)
		return rc;
	out->has_author = true;
	idb_key_write(&out->id_key, key);
	rc = ecdsa_point_of(author->key, &out->author_key, e);
	if (!rc)
		rc = sign(author, key, sizeof(key), &out->id_key_sig, e);
	return name(rc, "ID key, by the author key", e);
}
