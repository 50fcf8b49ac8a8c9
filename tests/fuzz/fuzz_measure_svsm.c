/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_measure_svsm.c: an SVSM behind the sizes of firmware and variables. */
#include "fuzz_measure.h"
#include "rd.h"

void one(struct run *r)
{
	static struct snp_svsm s;
	struct rd in = rd_of(r->p, r->n);
	uint64_t firmware = rd_le64(&in), vars = rd_le64(&in);
	uint8_t page[SNP_PAGE];
	struct err e = {""};

	if (in.failed)
		return;
	if (step(r,
		 snp_svsm_parse(r->p + in.pos, rd_left(&in), firmware, vars, &s,
				&e),
		 &e, "parse"))
		return;
	gives_number(r, s.base);
	gives_number(r, s.eip);
	gives(r, &s.ovmf, sizeof(s.ovmf));
	MUST(s.base + rd_left(&in) + firmware + vars == 1ULL << 32);
	snp_svsm_vmsa(s.eip, 0x00a00f11, page);
	gives(r, page, sizeof(page));
	fuzz_sections(r, &s.ovmf);
}
