/* SPDX-License-Identifier: Apache-2.0 */
/*
 * igvm_tdx.c: the MRTD of a TD made from an IGVM file.
 *
 * SHA-384 of records (Intel TDX module, TDH.MEM.PAGE.ADD and TDH.MR.EXTEND):
 * for each page 128 bytes, 00 "MEM.PAGE.ADD", 10 u64 gpa; if it is measured,
 * for each 256 bytes of it 128 bytes, 00 "MR.EXTEND", 10 u64 gpa of those, and
 * the 256 bytes. All else in a record is zero. Shared pages are not added.
 */
#include <assert.h>
#include <string.h>

#include "hash.h"
#include "igvm.h"
#include "rd.h"
#include "wr.h"

enum { RECORD = 128, CHUNK = 256 };

static void add_record(struct hash *h, const char *name, uint64_t gpa)
{
	uint8_t record[RECORD];
	struct wr w = wr_of(record, sizeof(record));

	wr_bytes(&w, name, strlen(name));
	wr_seek(&w, 16);
	wr_le64(&w, gpa);
	assert(!w.failed);
	hash_update(h, record, sizeof(record));
}

/* The contents of a page, or zeros. */
static const uint8_t *page_of(const struct igvm *g,
			      const struct igvm_directive *d)
{
	static const uint8_t zeros[SNP_PAGE];
	struct rd all = rd_of(g->file, g->size);
	struct rd r = rd_sub(&all, d->data, SNP_PAGE);
	const uint8_t *page = d->data ? rd_bytes(&r, SNP_PAGE) : zeros;

	assert(page); /* igvm_parse() has checked it */
	return page;
}

static void extend(struct hash *h, const struct igvm *g,
		   const struct igvm_directive *d)
{
	struct rd page = rd_of(page_of(g, d), SNP_PAGE);

	for (uint64_t at = 0; at < SNP_PAGE; at += CHUNK) {
		add_record(h, "MR.EXTEND", d->gpa + at);
		hash_update(h, rd_bytes(&page, CHUNK), CHUNK);
	}
}

void igvm_tdx(const struct igvm *g, const struct igvm_platform *p,
	      struct hash *sha384, igvm_trace *trace, void *arg,
	      uint8_t digest[SNP_DIGEST])
{
	hash_begin(sha384);
	for (size_t i = 0; i < g->nr_directives; i++) {
		const struct igvm_directive *d = &g->directives[i];
		bool page = d->type == IGVM_PAGE_DATA;
		bool measured = page && !(d->flags & IGVM_UNMEASURED);

		if (!(d->mask & p->mask) || (d->flags & IGVM_SHARED) ||
		    (!page && d->type != IGVM_PARAMETER_INSERT))
			continue;
		for (uint64_t at = 0; at < d->size; at += SNP_PAGE) {
			add_record(sha384, "MEM.PAGE.ADD", d->gpa + at);
			if (measured)
				extend(sha384, g, d);
			if (!trace)
				continue;
			hash_peek(sha384, digest);
			trace(arg, measured, d->gpa + at, digest);
		}
	}
	hash_final(sha384, digest);
}
