/* SPDX-License-Identifier: Apache-2.0 */
/* snp_out.c: the output of mote-measure snp. */
#include <inttypes.h>
#include <string.h>

#include "hash.h"
#include "hex.h"
#include "snp_cmd.h"

static const char *const page_names[] = {
	"", "normal", "vmsa", "zero", "unmeasured", "secrets", "cpuid"};

static const char *mode_name(enum snp_cmd_mode mode)
{
	switch (mode) {
	case MODE_SNP:
		return "snp";
	case MODE_SEV_ES:
		return "sev-es";
	case MODE_SEV:
		return "sev";
	default:
		return "snp:ovmf-hash";
	}
}

static void print_file(FILE *f, const char *label, const struct input *in)
{
	if (in->path)
		fprintf(f, "%-9s %s, %zu bytes\n", label, in->path, in->len);
}

static void print_head(const struct snp_job *job)
{
	const struct matrix *m = &job->matrix;
	FILE *f = job->out.f;

	print_file(f, "firmware", &job->firmware);
	if (job->options->descriptor)
		fprintf(f, "firmware  %s\n", job->options->descriptor);
	print_file(f, "svsm", &job->svsm);
	print_file(f, "kernel", &job->kernel);
	print_file(f, "initrd", &job->initrd);
	for (size_t i = 0; job->options->kernel && i < job->nr_append; i++)
		fprintf(f, "append %-2zu %.*s\n", i + 1,
			(int)job->append[i].len,
			job->append[i].data ? (const char *)job->append[i].data
					    : "");
	for (size_t i = 0; i < m->nr_vmms; i++)
		fprintf(f, "%-9s %s\n", snp_vmm_name(m->vmms[i]),
			matrix_vmm_text(m->vmms[i]));
	if (m->nr_vmms > 0 && !job->options->trace)
		matrix_head(f, job->nr_append > 1);
}

int snp_job_head(struct snp_job *job, struct err *e)
{
	if (job->common.json) {
		job->values = json_array();
		job->trace = json_array();
		if (!job->values || !job->trace)
			return err_nomem(e);
	} else if (!job->common.quiet) {
		print_head(job);
	}
	return RC_OK;
}

void snp_job_trace(void *arg, enum snp_page_type type, uint64_t gpa,
		   const uint8_t digest[SNP_DIGEST])
{
	struct snp_job *job = arg;
	char hex[2 * SNP_DIGEST + 1];

	hex_format(digest, SNP_DIGEST, hex);
	if (!job->common.json) {
		fprintf(job->out.f, "%-10s 0x%012" PRIx64 " %s\n",
			page_names[type], gpa, hex);
		return;
	}
	/* A failure shows as a short array: snp_job_tail() compares. */
	(void)json_array_append_new(
		job->trace,
		json_pack("{s:s, s:o, s:s}", "type", page_names[type], "gpa",
			  cmd_json_number(gpa), "digest", hex));
}

static json_t *value_json(struct snp_job *job, const struct matrix_value *v)
{
	uint8_t hmac[SEV_DIGEST];
	json_t *j = matrix_json(v);
	struct err e;

	if (j && job->options->kernel && job->nr_append > 1 &&
	    json_object_set_new(j, "append", json_integer((int)v->append)))
		goto fail;
	if (j && job->options->tik &&
	    (sev_launch_measure(&job->launch, v->digest, hmac, &e) ||
	     json_object_set_new(j, "launch_measure",
				 cmd_json_hex(hmac, sizeof(hmac)))))
		goto fail;
	return j;
fail:
	json_decref(j);
	return NULL;
}

/* Without a table: SEV and the hash of the firmware. */
static void print_plain(struct snp_job *job, const struct matrix_value *v)
{
	fputs("digest    ", job->out.f);
	if (job->nr_append > 1)
		fprintf(job->out.f, "%-2zu ", v->append + 1);
	matrix_quiet(job->out.f, v);
}

static int print_measure(struct snp_job *job, const struct matrix_value *v)
{
	uint8_t hmac[SEV_DIGEST];
	char hex[2 * SEV_DIGEST + 1];
	struct err e;

	if (sev_launch_measure(&job->launch, v->digest, hmac, &e))
		return RC_IO;
	hex_format(hmac, sizeof(hmac), hex);
	fprintf(job->out.f, "%s%s\n",
		job->common.quiet ? "" : "launch measure  ", hex);
	return RC_OK;
}

int snp_job_emit(void *arg, const struct matrix_value *v)
{
	struct snp_job *job = arg;

	if (job->common.json)
		return json_array_append_new(job->values, value_json(job, v))
			       ? RC_IO
			       : RC_OK;
	/* A trace has shown it already. */
	if (job->options->trace && !job->common.quiet)
		return RC_OK;
	if (job->common.quiet && job->options->tik)
		return print_measure(job, v);
	if (job->common.quiet)
		matrix_quiet(job->out.f, v);
	else if (v->vcpus == 0)
		print_plain(job, v);
	else
		matrix_print(job->out.f, v, job->nr_append > 1);
	return job->options->tik ? print_measure(job, v) : RC_OK;
}

/*
 * {"path", "size", "sha256"}; null if the file is not given. sha256 is NULL if
 * it is not known yet.
 */
static json_t *file_json(const struct input *in, const uint8_t *sha256)
{
	if (!in->path)
		return json_null();
	return json_pack("{s:o, s:I, s:o}", "path", cmd_json_text(in->path),
			 "size", (json_int_t)in->len, "sha256",
			 sha256 ? cmd_json_hex(sha256, SHA256_SIZE)
				: input_json(in));
}

static json_t *append_json(const struct snp_job *job)
{
	json_t *list = json_array();

	for (size_t i = 0; i < job->nr_append && job->options->kernel; i++) {
		const struct input *in = &job->append[i];
		const char *text = in->data ? (const char *)in->data : "";
		json_t *s = json_stringn(text, in->len);

		/* A command line may hold any bytes. */
		if (!s)
			s = json_pack("{s:o}", "hex",
				      cmd_json_hex(in->data, in->len));
		(void)json_array_append_new(list, s);
	}
	return list;
}

static json_t *head_json(const struct snp_job *job)
{
	json_t *j = json_pack(
		"{s:s, s:s, s:o}", "schema", "mote-snp-1", "mode",
		mode_name(job->mode), "firmware",
		job->options->descriptor
			? json_pack("{s:o}", "descriptor",
				    cmd_json_text(job->options->descriptor))
			: file_json(&job->firmware, NULL));

	if (!j)
		return NULL;
	if ((job->mode == MODE_SNP || job->mode == MODE_FIRMWARE_HASH) &&
	    json_object_set_new(json_object_get(j, "firmware"), "firmware_hash",
				cmd_json_hex(job->seed, SNP_DIGEST)))
		goto fail;
	if ((job->options->svsm &&
	     json_object_set_new(j, "svsm", file_json(&job->svsm, NULL))) ||
	    json_object_set_new(j, "kernel",
				file_json(&job->kernel, job->hashes.kernel)) ||
	    json_object_set_new(j, "initrd",
				file_json(&job->initrd, job->hashes.initrd)) ||
	    json_object_set_new(j, "append", append_json(job)))
		goto fail;
	return j;
fail:
	json_decref(j);
	return NULL;
}

int snp_job_tail(struct snp_job *job, struct err *e)
{
	json_t *j;

	if (!job->common.json)
		return RC_OK;
	j = head_json(job);
	if (j && job->options->trace)
		(void)json_object_set(j, "trace", job->trace);
	if (j && json_object_set(j, "values", job->values)) {
		json_decref(j);
		j = NULL;
	}
	return cmd_out_json(&job->out, j, e);
}
