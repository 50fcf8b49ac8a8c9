/* SPDX-License-Identifier: Apache-2.0 */
/* trace.h: --trace, each page that is measured and the digest after it. */
#ifndef MOTE_TRACE_H
#define MOTE_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>

#include "cmd.h"
#include "snp.h"

struct trace {
	FILE *f;       /* text goes there, or */
	json_t *pages; /* an element is appended for each page */
	size_t nr;
	bool on, failed; /* failed: out of memory */
};

enum { TRACE_MAX_PAGES = 1 << 17 };

/* For the output of a command; nothing is traced with --quiet. */
int trace_begin(struct trace *t, bool wanted, const struct cmd_common *c,
		struct cmd_out *out, struct err *e);

/* Makes l trace; nothing happens unless t is on. */
void trace_attach(struct trace *t, struct snp_launch *l);

/* One page, a snp_trace; arg is the struct trace. */
void trace_page(void *arg, enum snp_page_type type, uint64_t gpa,
		const uint8_t digest[SNP_DIGEST]);

/*
 * Puts the pages into j, unless it is NULL, as "trace". RC_IO if any of it
 * failed, RC_LIMIT if there were more than TRACE_MAX_PAGES.
 */
int trace_end(struct trace *t, json_t *j, struct err *e);

void trace_free(struct trace *t);

/* "normal", "vmsa", "zero", "unmeasured", "secrets", "cpuid" */
const char *trace_page_name(enum snp_page_type type);

#endif
