/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idblock.c: ID block and ID authentication information of SEV-SNP.
 *
 * SEV-SNP firmware ABI (AMD 56860), SNP_LAUNCH_FINISH; offsets in hex,
 * integers little-endian, everything else zero.
 *
 * ID_BLOCK, 60: 00 LD[30], 30 FAMILY_ID[10], 40 IMAGE_ID[10], 50 u32 VERSION
 * = 1, 54 u32 GUEST_SVN, 58 u64 POLICY.
 * ID_AUTH, 1000: 000 u32 ID_KEY_ALGO, 004 u32 AUTH_KEY_ALGO (1: ECDSA, P-384,
 * SHA-384; 0: no author), 040 ID_BLOCK_SIG[200], 240 ID_KEY[404], 680
 * ID_KEY_SIG[200], 880 AUTHOR_KEY[404].
 * Signature, 200: 000 R[48], 048 S[48]. Key, 404: 000 u32 CURVE (2: P-384),
 * 004 QX[48], 04c QY[48]. Each number has 30 bytes that may be other than
 * zero.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "hash.h"
#include "idblock.h"
#include "rd.h"
#include "wr.h"

enum {
	VERSION = 1,
	ALGO_P384_SHA384 = 1,
	CURVE_P384 = 2,
	NUMBER_REST = 72 - ECDSA_SIZE, /* high bytes that P-384 leaves zero */
	SIG_REST = 0x200 - 2 * 72,
	SIG_SIZE = 0x200,
	KEY_REST = IDB_KEY_SIZE - 4 - 2 * 72,
	ID_BLOCK_SIG = 0x40,
	ID_KEY = 0x240,
	ID_KEY_SIG = 0x680,
	AUTHOR_KEY = 0x880,
};

/* POLICY (AMD 56860, 4.3); bit 25, PAGE_SWAP_DISABLE, came with 1.58. */
#define POLICY_MUST_BE_ONE (1ULL << 17)
#define POLICY_RESERVED (~0ULL << 26)

int idb_policy_check(uint64_t policy, struct err *e)
{
	if (!(policy & POLICY_MUST_BE_ONE))
		return err_set(e, RC_FORMAT,
			       "policy 0x%" PRIx64 ": bit 17 must be 1",
			       policy);
	if (policy & POLICY_RESERVED)
		return err_set(e, RC_FORMAT,
			       "policy 0x%" PRIx64 ": bits 63 to 26 are "
			       "reserved and must be 0",
			       policy);
	return RC_OK;
}

void idb_block_write(const struct idb_block *b, uint8_t out[IDB_BLOCK_SIZE])
{
	struct wr w = wr_of(out, IDB_BLOCK_SIZE);

	wr_bytes(&w, b->ld, IDB_DIGEST);
	wr_bytes(&w, b->family_id, IDB_ID);
	wr_bytes(&w, b->image_id, IDB_ID);
	wr_le32(&w, VERSION);
	wr_le32(&w, b->guest_svn);
	wr_le64(&w, b->policy);
	assert(!w.failed && w.pos == IDB_BLOCK_SIZE);
}

int idb_block_parse(const void *p, size_t len, struct idb_block *out,
		    struct err *e)
{
	struct rd r = rd_of(p, len);
	uint32_t version;

	rd_copy(&r, out->ld, IDB_DIGEST);
	rd_copy(&r, out->family_id, IDB_ID);
	rd_copy(&r, out->image_id, IDB_ID);
	version = rd_le32(&r);
	out->guest_svn = rd_le32(&r);
	out->policy = rd_le64(&r);
	if (!rd_done(&r))
		return err_set(e, RC_FORMAT,
			       "ID block has %zu bytes instead of %d", len,
			       IDB_BLOCK_SIZE);
	if (version != VERSION)
		return err_set(e, RC_UNSUPPORTED,
			       "ID block has version %" PRIu32
			       "; only 1 is known",
			       version);
	return idb_policy_check(out->policy, e);
}

static void reverse(const uint8_t *from, uint8_t *to)
{
	for (size_t i = 0; i < ECDSA_SIZE; i++)
		to[i] = from[ECDSA_SIZE - 1 - i];
}

static void write_number(struct wr *w, const uint8_t *big_endian)
{
	uint8_t le[ECDSA_SIZE];

	reverse(big_endian, le);
	wr_bytes(w, le, sizeof(le));
	wr_skip(w, NUMBER_REST);
}

static void write_sig(struct wr *w, const struct ecdsa_sig *sig)
{
	write_number(w, sig->r);
	write_number(w, sig->s);
	wr_skip(w, SIG_REST);
}

void idb_key_write(const struct ecdsa_point *p, uint8_t out[IDB_KEY_SIZE])
{
	struct wr w = wr_of(out, IDB_KEY_SIZE);

	wr_le32(&w, CURVE_P384);
	write_number(&w, p->x);
	write_number(&w, p->y);
	wr_skip(&w, KEY_REST);
	assert(!w.failed && w.pos == IDB_KEY_SIZE);
}

static void write_pair(struct wr *w, size_t sig_at, const struct ecdsa_sig *sig,
		       size_t key_at, const struct ecdsa_point *point)
{
	uint8_t key[IDB_KEY_SIZE];

	wr_seek(w, sig_at);
	write_sig(w, sig);
	idb_key_write(point, key);
	wr_seek(w, key_at);
	wr_bytes(w, key, sizeof(key));
}

void idb_auth_write(const struct idb_auth *a, uint8_t out[IDB_AUTH_SIZE])
{
	struct wr w = wr_of(out, IDB_AUTH_SIZE);

	wr_le32(&w, ALGO_P384_SHA384);
	wr_le32(&w, a->has_author ? ALGO_P384_SHA384 : 0);
	write_pair(&w, ID_BLOCK_SIG, &a->id_block_sig, ID_KEY, &a->id_key);
	if (a->has_author)
		write_pair(&w, ID_KEY_SIG, &a->id_key_sig, AUTHOR_KEY,
			   &a->author_key);
	assert(!w.failed);
}

static bool read_number(struct rd *r, uint8_t *big_endian)
{
	uint8_t le[ECDSA_SIZE];

	rd_copy(r, le, sizeof(le));
	reverse(le, big_endian);
	return rd_zero(r, NUMBER_REST);
}

static int reserved(const char *where, struct err *e)
{
	return err_set(e, RC_FORMAT,
		       "ID auth: %s: a byte is not zero that must be", where);
}

static int parse_sig(struct rd *r, const char *where, struct ecdsa_sig *out,
		     struct err *e)
{
	bool clean = read_number(r, out->r);

	clean = read_number(r, out->s) && clean;
	clean = rd_zero(r, SIG_REST) && clean;
	return clean ? RC_OK : reserved(where, e);
}

static int parse_key(struct rd *r, const char *where, struct ecdsa_point *out,
		     struct err *e)
{
	uint32_t curve = rd_le32(r);
	bool clean = read_number(r, out->x);

	clean = read_number(r, out->y) && clean;
	clean = rd_zero(r, KEY_REST) && clean;
	if (curve != CURVE_P384)
		return err_set(e, RC_UNSUPPORTED,
			       "ID auth: %s: curve %" PRIu32
			       "; only 2, P-384, is known",
			       where, curve);
	return clean ? RC_OK : reserved(where, e);
}

static int parse_algos(struct rd *r, bool *has_author, struct err *e)
{
	uint32_t id = rd_le32(r), author = rd_le32(r);

	if (id != ALGO_P384_SHA384)
		return err_set(e, RC_UNSUPPORTED,
			       "ID auth: ID key algorithm %" PRIu32
			       "; only 1, ECDSA P-384 with SHA-384, is known",
			       id);
	if (author != ALGO_P384_SHA384 && author != 0)
		return err_set(e, RC_UNSUPPORTED,
			       "ID auth: author key algorithm %" PRIu32
			       "; only 0, none, and 1, ECDSA P-384 with "
			       "SHA-384, are known",
			       author);
	*has_author = author != 0;
	if (!rd_zero(r, ID_BLOCK_SIG - 8))
		return reserved("after the algorithms", e);
	return RC_OK;
}

static int parse_author(struct rd *r, struct idb_auth *out, struct err *e)
{
	int rc;

	if (!out->has_author) {
		if (!rd_zero(r, IDB_AUTH_SIZE - ID_KEY_SIG))
			return reserved("author key algorithm is 0, but behind "
					"the ID key",
					e);
		return RC_OK;
	}
	rc = parse_sig(r, "ID key signature", &out->id_key_sig, e);
	if (!rc)
		rc = parse_key(r, "author key", &out->author_key, e);
	if (!rc && !rd_zero(r, IDB_AUTH_SIZE - AUTHOR_KEY - IDB_KEY_SIZE))
		rc = reserved("behind the author key", e);
	return rc;
}

int idb_auth_parse(const void *p, size_t len, struct idb_auth *out,
		   struct err *e)
{
	struct rd r = rd_of(p, len);
	int rc;

	memset(out, 0, sizeof(*out));
	if (len != IDB_AUTH_SIZE)
		return err_set(e, RC_FORMAT,
			       "ID auth has %zu bytes instead of %d", len,
			       IDB_AUTH_SIZE);
	rc = parse_algos(&r, &out->has_author, e);
	if (!rc)
		rc = parse_sig(&r, "ID block signature", &out->id_block_sig, e);
	if (!rc)
		rc = parse_key(&r, "ID key", &out->id_key, e);
	if (!rc && !rd_zero(&r, ID_KEY_SIG - ID_KEY - IDB_KEY_SIZE))
		rc = reserved("behind the ID key", e);
	if (!rc)
		rc = parse_author(&r, out, e);
	assert(rc || rd_done(&r));
	return rc;
}
