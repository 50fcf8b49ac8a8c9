/* SPDX-License-Identifier: Apache-2.0 */
/* idblock.h: the signed identity of an SEV-SNP guest. */
#ifndef MOTE_IDBLOCK_H
#define MOTE_IDBLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecdsa.h"
#include "err.h"

enum {
	IDB_BLOCK_SIZE = 0x60,
	IDB_AUTH_SIZE = 0x1000,
	IDB_KEY_SIZE = 0x404, /* a public key: signed, and digested */
	IDB_DIGEST = 48,      /* bytes of a launch digest, of a key digest */
	IDB_ID = 16,	      /* bytes of a family ID, of an image ID */
};
#define IDB_POLICY_DEFAULT 0x30000ULL /* SMT allowed; as QEMU */
#define IDB_POLICY_DEBUG (1ULL << 19) /* the host may read the guest */

/* ID_BLOCK. Firmware launches the guest only with this digest and policy. */
struct idb_block {
	uint8_t ld[IDB_DIGEST];
	uint8_t family_id[IDB_ID], image_id[IDB_ID];
	uint32_t guest_svn;
	uint64_t policy;
};

/*
 * Sources: AMD 56860, SNP_LAUNCH_FINISH (ID_BLOCK, ID_AUTH) and 4.3 (POLICY).
 * Digests and numbers of keys and signatures are of 48 bytes; those that an
 * ecdsa_point or ecdsa_sig holds are big-endian, those of the structures that
 * are written and read here little-endian.
 */

/* RC_FORMAT if a bit that must be 1 is 0, or a reserved one is 1. */
int idb_policy_check(uint64_t policy, struct err *e);

/*
 * All IDB_BLOCK_SIZE bytes of an ID block of version 1. Any policy is written:
 * ask idb_policy_check().
 */
void idb_block_write(const struct idb_block *b, uint8_t out[IDB_BLOCK_SIZE]);

/*
 * Reads exactly IDB_BLOCK_SIZE bytes, else RC_FORMAT. Another version than 1 is
 * RC_UNSUPPORTED, a policy as above RC_FORMAT. *out counts only if RC_OK.
 */
int idb_block_parse(const void *p, size_t len, struct idb_block *out,
		    struct err *e);

/* A public key as ID_AUTH has it and the author signs it. */
void idb_key_write(const struct ecdsa_point *p, uint8_t out[IDB_KEY_SIZE]);

/* SHA-384 of that: ID_KEY_DIGEST or AUTHOR_KEY_DIGEST of reports. Or RC_IO. */
int idb_key_digest(const struct ecdsa_point *p, uint8_t out[IDB_DIGEST],
		   struct err *e);

/* ID_AUTH. Without an author, author_key and id_key_sig do not count. */
struct idb_auth {
	struct ecdsa_sig id_block_sig; /* of the ID block, by id_key */
	struct ecdsa_point id_key;
	bool has_author;
	struct ecdsa_sig id_key_sig; /* of idb_key_write(id_key), by author */
	struct ecdsa_point author_key;
};

/*
 * All IDB_AUTH_SIZE bytes: every reserved one is zero, and so is all of the
 * author where there is none.
 */
void idb_auth_write(const struct idb_auth *a, uint8_t out[IDB_AUTH_SIZE]);

/*
 * Reads such bytes; other lengths and reserved bytes that are not zero are
 * RC_FORMAT, other algorithms and curves RC_UNSUPPORTED. Points and signatures
 * are not checked: see the next. *out counts only if RC_OK.
 */
int idb_auth_parse(const void *p, size_t len, struct idb_auth *out,
		   struct err *e);

/*
 * RC_MISMATCH if a signature does not verify, RC_FORMAT if a key is no point
 * of the curve. The author's is checked where there is one, that of the ID
 * block unless block, of IDB_BLOCK_SIZE bytes, is NULL.
 */
int idb_auth_verify(const struct idb_auth *a, const uint8_t *block,
		    struct err *e);

/* Who signs: a private key, or a public key and what its owner has signed. */
struct idb_signer {
	EVP_PKEY *key;	    /* as ecdsa_private(), ecdsa_public(); borrowed */
	const uint8_t *der; /* the signature in DER, borrowed; NULL: make it */
	size_t der_len;
};

/*
 * Makes the ID auth of a block. author is NULL if there is none. Signatures
 * made here are deterministic. Those handed in are verified: RC_FORMAT if one
 * is none, RC_MISMATCH if it does not verify; the message says whose it is,
 * and out->has_author whether it was the author's.
 */
int idb_auth_make(const uint8_t block[IDB_BLOCK_SIZE],
		  const struct idb_signer *id, const struct idb_signer *author,
		  struct idb_auth *out, struct err *e);

#endif
