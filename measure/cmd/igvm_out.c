/* SPDX-License-Identifier: Apache-2.0 */
/* igvm_out.c: the output of mote-measure igvm. */
#include <inttypes.h>

#include "hex.h"
#include "igvm_cmd.h"
#include "inspect.h"

enum { NR_PAGE_TYPES = SNP_PAGE_CPUID + 1 };

static bool is_snp(const struct igvm_job *job)
{
	return job->platform->type == IGVM_SNP;
}

static bool order_matters(const struct igvm_job *job)
{
	return is_snp(job) && igvm_order_matters(&job->igvm, job->platform);
}

static const char *order_name(const struct igvm_job *job)
{
	return job->order == IGVM_ORDER_QEMU ? "qemu" : "file";
}

/* Whether the other order would be the same. */
static const char *order_words(const struct igvm_job *job)
{
	bool qemu = job->order == IGVM_ORDER_QEMU;

	if (!order_matters(job))
		return qemu ? ", the same as that of the file"
			    : ", that of QEMU too";
	return qemu ? ", not that of the file" : ", not that of QEMU";
}

static void print_pages(const struct igvm_job *job)
{
	const char *separator = "pages     ";
	size_t counts[NR_PAGE_TYPES];

	igvm_count(&job->igvm, job->platform, counts);
	for (size_t i = 0; i < NR_PAGE_TYPES; i++) {
		if (counts[i] == 0)
			continue;
		fprintf(job->out.f, "%s%zu %s", separator, counts[i],
			trace_page_name((enum snp_page_type)i));
		separator = ", ";
	}
	fputc('\n', job->out.f);
}

static void print_head(const struct igvm_job *job)
{
	const struct igvm_platform *p = job->platform;
	FILE *f = job->out.f;

	fprintf(f, "file      %s, %zu bytes\n", job->file.path, job->file.len);
	fprintf(f, "platform  %s, compatibility mask 0x%" PRIx32 "\n",
		igvm_type_name(p->type), p->mask);
	if (p->has_policy)
		fprintf(f, "policy    0x%" PRIx64 "\n", p->policy);
	print_pages(job);
	if (job->igvm.nr_ignored > 0)
		fprintf(f, "ignored   %zu headers of unknown type\n",
			job->igvm.nr_ignored);
	if (is_snp(job))
		fprintf(f, "order     %s%s\n", order_name(job),
			order_words(job));
	if (is_snp(job) && job->igvm.id.at != 0)
		fprintf(f,
			"id block  of this digest, guest SVN %" PRIu32
			", %s author key; signatures are not checked\n",
			job->igvm.id.guest_svn,
			job->igvm.id.author_key ? "with" : "no");
	if (!job->trace.on)
		fputs(is_snp(job) ? "vcpus contexts digest\n" : "", f);
}

int igvm_job_head(struct igvm_job *job, struct err *e)
{
	int rc = trace_begin(&job->trace, job->trace_wanted, &job->common,
			     &job->out, e);

	if (!rc && job->common.json) {
		job->values = json_array();
		if (!job->values)
			rc = err_nomem(e);
	} else if (!rc && !job->common.quiet) {
		print_head(job);
	}
	return rc;
}

static int json_value(struct igvm_job *job, size_t vcpus, size_t contexts,
		      const uint8_t digest[SNP_DIGEST], bool unconfirmed,
		      struct err *e)
{
	json_t *j = json_pack("{s:o, s:b}", "digest",
			      cmd_json_hex(digest, SNP_DIGEST), "unconfirmed",
			      unconfirmed);

	if (j && is_snp(job) &&
	    (json_object_set_new(j, "vcpus", json_integer((int)vcpus)) ||
	     json_object_set_new(j, "vp_contexts",
				 json_integer((int)contexts)))) {
		json_decref(j);
		j = NULL;
	}
	if (json_array_append_new(job->values, j))
		return err_nomem(e);
	return RC_OK;
}

int igvm_job_value(struct igvm_job *job, size_t vcpus, size_t contexts,
		   const uint8_t digest[SNP_DIGEST], struct err *e)
{
	bool unconfirmed = contexts < vcpus || (job->order == IGVM_ORDER_QEMU &&
						order_matters(job));
	char hex[2 * SNP_DIGEST + 1];
	FILE *f = job->out.f;

	job->unconfirmed |= unconfirmed;
	if (job->common.json)
		return json_value(job, vcpus, contexts, digest, unconfirmed, e);
	hex_format(digest, SNP_DIGEST, hex);
	if (job->common.quiet)
		fprintf(f, "%s\n", hex);
	else if (job->trace.on)
		return RC_OK; /* its last line has the digest */
	else if (is_snp(job))
		fprintf(f, "%-5zu %-8zu %s%s\n", vcpus, contexts, hex,
			unconfirmed ? " unconfirmed" : "");
	else
		fprintf(f, "mrtd      %s\n", hex);
	return RC_OK;
}

static json_t *id_json(const struct igvm_id_block *id)
{
	if (id->at == 0)
		return json_null();
	return json_pack("{s:o, s:o, s:I, s:b}", "family_id",
			 cmd_json_hex(id->family_id, 16), "image_id",
			 cmd_json_hex(id->image_id, 16), "guest_svn",
			 (json_int_t)id->guest_svn, "author_key",
			 id->author_key);
}

static json_t *counts_json(const struct igvm_job *job)
{
	json_t *j = json_object();
	size_t counts[NR_PAGE_TYPES];

	igvm_count(&job->igvm, job->platform, counts);
	for (size_t i = 0; j && i < NR_PAGE_TYPES; i++) {
		if (counts[i] > 0 &&
		    json_object_set_new(j,
					trace_page_name((enum snp_page_type)i),
					json_integer((json_int_t)counts[i]))) {
			json_decref(j);
			j = NULL;
		}
	}
	return j;
}

static json_t *head_json(const struct igvm_job *job)
{
	const struct igvm_platform *p = job->platform;

	return json_pack(
		"{s:s, s:o, s:s, s:o, s:o, s:o, s:I, s:s, s:b, s:o}", "schema",
		"mote-igvm-1", "file", inspect_file_json(&job->file),
		"platform", is_snp(job) ? "snp" : "tdx", "compatibility_mask",
		cmd_json_number(p->mask), "policy",
		p->has_policy ? cmd_json_number(p->policy) : json_null(),
		"pages", counts_json(job), "ignored_headers",
		(json_int_t)job->igvm.nr_ignored, "order", order_name(job),
		"order_matters", order_matters(job), "id_block",
		id_json(&job->igvm.id));
}

int igvm_job_tail(struct igvm_job *job, struct err *e)
{
	json_t *j;
	int rc;

	if (!job->common.json) {
		if (job->unconfirmed && !job->common.quiet)
			fputs("unconfirmed: no other program was found that "
			      "computes this value\n",
			      job->out.f);
		return trace_end(&job->trace, NULL, e);
	}
	j = head_json(job);
	rc = j ? trace_end(&job->trace, j, e) : err_nomem(e);
	if (!rc && json_object_set(j, "values", job->values))
		rc = err_nomem(e);
	if (!rc)
		return cmd_out_json(&job->out, j, e);
	json_decref(j);
	return rc;
}
