/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_measure_pe.c: PE32+ headers. */
#include <string.h>

#include "inject.h"
#include "pe.h"

static void section(struct run *r, const struct pe *pe,
		    const struct pe_section *s)
{
	gives_text(r, s->name);
	gives_number(r, s->virtual_size);
	gives_number(r, s->virtual_address);
	gives_number(r, s->raw_size);
	gives_number(r, s->raw_offset);
	gives_number(r, s->characteristics);
	MUST(strlen(s->name) < sizeof(s->name));
	MUST(s->raw_size == 0 ||
	     ((uint64_t)s->raw_offset + s->raw_size <= pe->size &&
	      s->raw_offset >= pe->size_of_headers));
}

void one(struct run *r)
{
	static struct pe pe;
	const struct pe_section *s;
	struct err e = {""};
	uint64_t end;

	if (step(r, pe_parse(r->p, r->n, &pe, &e), &e, "parse"))
		return;
	gives(r, &pe, offsetof(struct pe, sections)); /* begins as zeros */
	MUST(pe.nr_sections <= PE_MAX_SECTIONS && pe.size == r->n);
	end = pe.size_of_headers;
	for (size_t i = 0; i < pe.nr_sections; i++) {
		section(r, &pe, &pe.sections[i]);
		if (pe.sections[i].raw_size == 0)
			continue;
		MUST(pe.sections[i].raw_offset >= end);
		end = (uint64_t)pe.sections[i].raw_offset +
		      pe.sections[i].raw_size;
	}
	MUST(pe.cert_size == 0 ||
	     (pe.cert_offset >= end &&
	      (uint64_t)pe.cert_offset + pe.cert_size <= pe.size));
	MUST(pe.checksum_offset + 4ULL <= pe.size_of_headers);
	MUST(pe.cert_entry_offset + 8ULL <= pe.size_of_headers);
	s = pe_section(&pe, ".text");
	gives_number(r, s ? s->raw_offset : 0);
}
