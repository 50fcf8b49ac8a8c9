/* SPDX-License-Identifier: Apache-2.0 */
/* trace.c: --trace, each page that is measured and the digest after it. */
#include <inttypes.h>

#include "hex.h"
#include "trace.h"

const char *trace_page_name(enum snp_page_type type)
{
	switch (type) {
	case SNP_PAGE_NORMAL:
		return "normal";
	case SNP_PAGE_VMSA:
		return "vmsa";
	case SNP_PAGE_ZERO:
		return "zero";
	case SNP_PAGE_UNMEASURED:
		return "unmeasured";
	case SNP_PAGE_SECRETS:
		return "secrets";
	default:
		return "cpuid";
	}
}

int trace_begin(struct trace *t, bool wanted, const struct cmd_common *c,
		struct cmd_out *out, struct err *e)
{
	*t = (struct trace){.f = out->f, .on = wanted && !c->quiet};
	if (t->on && c->json) {
		t->pages = json_array();
		if (!t->pages)
			return err_nomem(e);
	}
	return RC_OK;
}

void trace_attach(struct trace *t, struct snp_launch *l)
{
	l->trace = t->on ? trace_page : NULL;
	l->trace_arg = t;
}

void trace_page(void *arg, enum snp_page_type type, uint64_t gpa,
		const uint8_t digest[SNP_DIGEST])
{
	struct trace *t = arg;
	char hex[2 * SNP_DIGEST + 1];

	if (t->nr++ >= TRACE_MAX_PAGES)
		return; /* trace_end() tells */
	hex_format(digest, SNP_DIGEST, hex);
	if (!t->pages)
		fprintf(t->f, "%-10s 0x%012" PRIx64 " %s\n",
			trace_page_name(type), gpa, hex);
	else if (json_array_append_new(t->pages,
				       json_pack("{s:s, s:o, s:s}", "type",
						 trace_page_name(type), "gpa",
						 cmd_json_number(gpa), "digest",
						 hex)))
		t->failed = true;
}

int trace_end(struct trace *t, json_t *j, struct err *e)
{
	if (t->nr > TRACE_MAX_PAGES)
		return err_set(e, RC_LIMIT, "more than %d pages to trace",
			       TRACE_MAX_PAGES);
	if (j && t->pages &&
	    (t->failed || json_object_set(j, "trace", t->pages)))
		return err_nomem(e);
	return RC_OK;
}

void trace_free(struct trace *t)
{
	json_decref(t->pages);
}
