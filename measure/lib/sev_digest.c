/* SPDX-License-Identifier: Apache-2.0 */
/* sev_digest.c: launch digests of SEV and SEV-ES, and LAUNCH_MEASURE. */
#include <assert.h>

#include "hash.h"
#include "snp.h"
#include "wr.h"

void sev_begin(struct hash *sha256, const uint8_t *image, size_t size,
	       const uint8_t *table)
{
	hash_begin(sha256);
	hash_update(sha256, image, size);
	if (table)
		hash_update(sha256, table, SEV_HASHES_TABLE);
}

void sev_add_vcpu(struct hash *sha256, const struct snp_vcpu *bsp,
		  uint32_t ap_eip, size_t i)
{
	struct snp_vcpu v = *bsp;
	uint8_t page[SNP_PAGE];

	if (i > 0)
		v.eip = ap_eip;
	snp_vmsa(&v, page);
	hash_update(sha256, page, sizeof(page));
}

/*
 * AMD 55766 (SEV API, revision 3.24), LAUNCH_MEASURE: HMAC-SHA-256 with the
 * TIK of 0x04, API_MAJOR, API_MINOR, BUILD, GCTX.POLICY (u32), GCTX.LD, MNONCE.
 */
int sev_launch_measure(const struct sev_launch_measure *m,
		       const uint8_t digest[SEV_DIGEST],
		       uint8_t out[SEV_DIGEST], struct err *e)
{
	uint8_t text[1 + 3 + 4 + SEV_DIGEST + sizeof(m->mnonce)];
	struct wr w = wr_of(text, sizeof(text));

	wr_u8(&w, 0x04);
	wr_u8(&w, m->api_major);
	wr_u8(&w, m->api_minor);
	wr_u8(&w, m->build);
	wr_le32(&w, m->policy);
	wr_bytes(&w, digest, SEV_DIGEST);
	wr_bytes(&w, m->mnonce, sizeof(m->mnonce));
	assert(!w.failed && w.pos == sizeof(text));
	return hash_hmac(SHA256_SIZE, m->tik, sizeof(m->tik), text,
			 sizeof(text), out, e);
}
