/* SPDX-License-Identifier: Apache-2.0 */
/* identify_out.c: the result of mote-measure identify. */
#include <inttypes.h>
#include <string.h>

#include "identify_cmd.h"

static const char *choice(struct identify_job *job, enum identify_dimension d,
			  size_t i)
{
	identify_choice(job->q, d, i, job->text);
	return job->text;
}

/* What was tried, for somebody who has to look further. */
static void print_list(struct identify_job *job, FILE *f)
{
	const char *all = job->r.complete ? "all combinations of these" : "";

	fprintf(f, "tried %" PRIu64 " digests: %s", job->r.tried, all);
	if (!job->r.complete)
		fprintf(f, "these, and combinations of up to %u",
			job->r.combined);
	for (size_t d = 0; d < IDENTIFY_NR_CHOICES; d++) {
		enum identify_dimension of = (enum identify_dimension)d;
		size_t n = identify_choices(job->q, of);

		fprintf(f, "\n%s %zu:", identify_dimension_name(of), n);
		for (size_t i = 0; i < n; i++)
			fprintf(f, "%s %s", i ? "," : "", choice(job, of, i));
	}
	fprintf(f, "\nvcpus %zu: 0 to %zu\nbyte_order 2: as given, reversed\n",
		identify_max_vcpus(job->q) + 1, identify_max_vcpus(job->q));
	if (job->o.folder)
		fprintf(f, "files that are no firmware for this: %zu\n",
			job->nr_skipped);
	fprintf(f, "not tried: more than %zu vCPUs%s\n",
		identify_max_vcpus(job->q),
		job->x.mode == IDENTIFY_SNP ? ", launches with an SVSM" : "");
}

static void print_text(struct identify_job *job, FILE *f)
{
	if (job->r.kind == IDENTIFY_NOTHING) {
		print_list(job, f);
		return;
	}
	identify_words(job->q, &job->r, job->text);
	fprintf(f, "%s\n", job->text);
	if (!job->common.quiet)
		fprintf(f, "tried %" PRIu64 " digest%s\n", job->r.tried,
			job->r.tried == 1 ? "" : "s");
}

static json_t *json_difference(struct identify_job *job,
			       enum identify_dimension d)
{
	json_t *j = json_object();
	size_t was = identify_expected_choice(job->q, d);

	if (!j ||
	    json_object_set_new(j, "dimension",
				json_string(identify_dimension_name(d))) ||
	    json_object_set_new(j, "expected",
				cmd_json_text(choice(job, d, was))) ||
	    json_object_set_new(j, "found",
				cmd_json_text(choice(job, d, job->r.at[d]))) ||
	    !identify_difference(job->q, &job->r, d, job->text) ||
	    json_object_set_new(j, "words", cmd_json_text(job->text))) {
		json_decref(j);
		return NULL;
	}
	return j;
}

static json_t *json_differences(struct identify_job *job)
{
	json_t *list = json_array();
	bool bad = !list;

	for (size_t d = 0; !bad && d < IDENTIFY_NR; d++)
		if (identify_difference(job->q, &job->r,
					(enum identify_dimension)d, job->text))
			bad = json_array_append_new(
				list, json_difference(
					      job, (enum identify_dimension)d));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *json_choices(struct identify_job *job, enum identify_dimension d)
{
	json_t *list = json_array();
	bool bad = !list;

	for (size_t i = 0; !bad && i < identify_choices(job->q, d); i++)
		bad = json_array_append_new(list,
					    cmd_json_text(choice(job, d, i)));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *json_skipped(const struct identify_job *job)
{
	json_t *list = json_array();
	bool bad = !list;

	for (size_t i = 0; !bad && i < job->nr_skipped; i++)
		bad = json_array_append_new(list,
					    cmd_json_text(job->skipped[i]));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *json_searched(struct identify_job *job)
{
	json_t *j = json_object();
	bool bad = !j;

	for (size_t d = 0; !bad && d < IDENTIFY_NR_CHOICES; d++) {
		enum identify_dimension of = (enum identify_dimension)d;

		bad = json_object_set_new(j, identify_dimension_name(of),
					  json_choices(job, of));
	}
	if (!bad &&
	    !json_object_set_new(
		    j, "max_vcpus",
		    json_integer((json_int_t)identify_max_vcpus(job->q))) &&
	    !json_object_set_new(j, "skipped", json_skipped(job)))
		return j;
	json_decref(j);
	return NULL;
}

static json_t *json_result(struct identify_job *job)
{
	static const char *const results[] = {
		[IDENTIFY_NOTHING] = "not-found",
		[IDENTIFY_EXPECTED] = "expected",
		[IDENTIFY_VARIANT] = "variant",
		[IDENTIFY_OTHER] = "other",
	};
	json_t *j = json_object();

	identify_words(job->q, &job->r, job->text);
	if (!j ||
	    json_object_set_new(j, "schema", json_string("mote-identify-1")) ||
	    json_object_set_new(j, "mode",
				json_string(identify_modes[job->x.mode])) ||
	    json_object_set_new(
		    j, "digest",
		    cmd_json_hex(job->digest, identify_job_digest_size(job))) ||
	    json_object_set(j, "firmware", job->firmware) ||
	    json_object_set(j, "kernel", job->kernel) ||
	    json_object_set(j, "initrd", job->initrd) ||
	    json_object_set_new(j, "result",
				json_string(results[job->r.kind])) ||
	    json_object_set_new(j, "words", cmd_json_text(job->text)) ||
	    json_object_set_new(j, "differences", json_differences(job)) ||
	    json_object_set_new(j, "tried",
				json_integer((json_int_t)job->r.tried)) ||
	    json_object_set_new(j, "combined",
				json_integer((json_int_t)job->r.combined)) ||
	    json_object_set_new(j, "complete", json_boolean(job->r.complete)) ||
	    json_object_set_new(j, "searched", json_searched(job))) {
		json_decref(j);
		return NULL;
	}
	return j;
}

int identify_job_print(struct identify_job *job, struct cmd_out *out,
		       struct err *e)
{
	int rc;

	if (job->common.quiet && job->r.kind == IDENTIFY_NOTHING)
		return RC_OK;
	rc = cmd_out_begin(out, e);
	if (!rc && job->common.json)
		return cmd_out_json(out, json_result(job), e);
	if (!rc)
		print_text(job, out->f);
	return rc;
}
