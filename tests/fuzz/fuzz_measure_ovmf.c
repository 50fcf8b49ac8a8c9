/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_measure_ovmf.c: tables of firmware, and the pages that they ask for. */
#include <stdlib.h>
#include <string.h>

#include "fuzz_measure.h"

static void descriptor(struct run *r)
{
	static struct firmware_descriptor d, again;
	struct err e = {""};
	json_t *j;
	char *text;

	if (step(r, descriptor_of(r->p, r->n, &d, &e), &e, "descriptor"))
		return;
	gives(r, d.seed, sizeof(d.seed));
	gives(r, d.sha256, sizeof(d.sha256));
	j = descriptor_json(&d);
	text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	json_decref(j);
	if (!text)
		return;
	/* What one way writes, the other one reads. */
	if (!step(r, descriptor_parse(text, strlen(text), "f", &again, &e), &e,
		  "descriptor again")) {
		MUST(d.size == again.size);
		MUST(memcmp(d.seed, again.seed, sizeof(d.seed)) == 0);
		MUST(d.ovmf.has_sev == again.ovmf.has_sev);
		MUST(memcmp(d.ovmf.sev, again.ovmf.sev,
			    d.ovmf.nr_sev * sizeof(d.ovmf.sev[0])) == 0);
	}
	free(text);
}

void one(struct run *r)
{
	static struct ovmf o;
	struct err e = {""};

	if (step(r, ovmf_parse(r->p, r->n, &o, &e), &e, "parse"))
		return;
	gives(r, &o, sizeof(o)); /* begins as zeros */
	MUST(o.nr_entries <= OVMF_MAX_ENTRIES && o.nr_sev <= OVMF_MAX_SECTIONS);
	for (size_t i = 0; i < o.nr_entries; i++)
		MUST((uint64_t)o.entries[i].offset + o.entries[i].size <= r->n);
	for (size_t i = 0; i < o.nr_sev; i++)
		gives_text(r, ovmf_sev_kind_name(o.sev[i].kind));
	step(r, sev_can_verify(&o, &e), &e, "can verify");
	fuzz_sections(r, &o);
	descriptor(r);
	if (!step(r, ovmf_parse_tdx(r->p, r->n, &o, &e), &e, "tdx"))
		gives(r, &o, sizeof(o));
	if (!step(r, ovmf_parse_igvm(r->p, r->n, &o, &e), &e, "igvm"))
		gives(r, &o, sizeof(o));
}
