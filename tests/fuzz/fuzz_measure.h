/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_measure.h: what several harnesses need. */
#ifndef MOTE_FUZZ_MEASURE_H
#define MOTE_FUZZ_MEASURE_H

#include "descriptor.h"
#include "hash.h"
#include "inject.h"
#include "ovmf.h"
#include "snp.h"

/* More pages than this take too long. */
enum { FUZZ_MAX_PAGES = 2048 };

static inline void fuzz_digest(struct run *r, struct snp_launch *l, int rc,
			       struct err *e, const char *name, int i)
{
	if (!rc)
		rc = hash_check(l->sha384, e);
	if (!step(r, rc, e, "%s %d", name, i))
		gives(r, l->digest, SNP_DIGEST);
}

/* Measures the sections of o for each VMM, without and with a hash table. */
static inline void fuzz_sections(struct run *r, const struct ovmf *o)
{
	static const struct sev_hashes hashes = {.kernel = {1}};
	uint8_t table[SEV_HASHES_TABLE];
	struct snp_launch start = {.sha384 = NULL}, l;
	struct err e = {""};
	uint64_t pages = 0;

	for (size_t i = 0; i < o->nr_sev; i++)
		pages += o->sev[i].size / SNP_PAGE;
	if (pages > FUZZ_MAX_PAGES)
		return;
	sev_hashes_table(&hashes, table);
	start.sha384 = hash_new(SHA384_SIZE, &e);
	if (step(r, start.sha384 ? RC_OK : RC_IO, &e, "hash"))
		return;
	for (int vmm = 0; vmm < SNP_NR_VMMS; vmm++) {
		l = start;
		fuzz_digest(
			r, &l,
			snp_add_sections(&l, o, (enum snp_vmm)vmm, NULL, &e),
			&e, "sections", vmm);
		l = start;
		fuzz_digest(
			r, &l,
			snp_add_sections(&l, o, (enum snp_vmm)vmm, table, &e),
			&e, "with table", vmm);
	}
	hash_free(start.sha384);
}

#endif
