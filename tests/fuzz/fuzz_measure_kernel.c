/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_measure_kernel.c: what a kernel file says of itself. */
#include <string.h>

#include "inject.h"
#include "kernel.h"

void one(struct run *r)
{
	enum kernel_kind kind = kernel_kind(r->p, r->n);
	const char *warning = kernel_hash_warning(r->p, r->n);
	static struct kernel k;
	struct err e = {""};

	step(r, RC_OK, NULL, "kind");
	gives_text(r, kernel_kind_name(kind));
	gives_text(r, warning ? warning : "");
	if (step(r, kernel_parse(r->p, r->n, &k, &e), &e, "parse"))
		return;
	gives(r, &k, sizeof(k)); /* begins as zeros */
	MUST(kind == KERNEL_BZIMAGE);
	MUST(k.setup_size + k.code_size <= r->n);
	MUST(k.setup_size + (uint64_t)k.payload_offset + k.payload_length <=
	     r->n);
	MUST(strlen(k.version) < KERNEL_MAX_VERSION);
	for (const char *c = k.version; *c; c++)
		MUST(*c >= 0x20 && *c < 0x7f);
}
