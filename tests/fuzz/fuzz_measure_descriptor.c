/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_measure_descriptor.c: firmware descriptors, JSON. */
#include <stdlib.h>
#include <string.h>

#include "fuzz_measure.h"

static void note(struct run *r, const struct firmware_descriptor *d)
{
	gives_number(r, d->size);
	gives(r, d->seed, sizeof(d->seed));
	gives(r, d->sha256, sizeof(d->sha256));
	gives(r, &d->ovmf, sizeof(d->ovmf)); /* begins as zeros */
}

void one(struct run *r)
{
	static struct firmware_descriptor d, again;
	struct err e = {""};
	char *text;
	json_t *j;

	if (step(r, descriptor_parse((const char *)r->p, r->n, "file", &d, &e),
		 &e, "parse"))
		return;
	note(r, &d);
	MUST(d.ovmf.nr_sev <= OVMF_MAX_SECTIONS && d.size % SNP_PAGE == 0);
	j = descriptor_json(&d);
	text = j ? json_dumps(j, JSON_INDENT(1)) : NULL;
	json_decref(j);
	if (!text)
		return;
	if (!step(r, descriptor_parse(text, strlen(text), "again", &again, &e),
		  &e, "again")) {
		note(r, &again);
		MUST(memcmp(&d, &again, sizeof(d)) == 0);
	}
	free(text);
	fuzz_sections(r, &d.ovmf);
}
