/* SPDX-License-Identifier: Apache-2.0 */
/* snp_out.c: the output of mote-measure snp. */
#include <string.h>

#include "hash.h"
#include "hex.h"
#include "snp_cmd.h"

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

static void print_hex(FILE *f, const uint8_t *p, size_t n)
{
	char hex[2 * SNP_DIGEST + 1];

	hex_format(p, n, hex);
	fprintf(f, "%s\n", hex);
}

/* Bytes of a file must not drive a terminal, nor look like another line. */
static void print_append(FILE *f, size_t i, const struct input *in)
{
	fprintf(f, "append %-2zu ", i + 1);
	for (size_t k = 0; k < in->len; k++)
		fputc(in->data[k] < 0x20 || in->data[k] == 0x7f ? '?'
								: in->data[k],
		      f);
	fputc('\n', f);
}

static void print_head(const struct snp_job *job)
{
	const struct matrix *m = &job->matrix;
	FILE *f = job->out.f;

	print_file(f, "firmware", &job->firmware);
	if (job->options->descriptor)
		fprintf(f, "firmware  %s\n", job->options->descriptor);
	if (job->options->seed.set) {
		fputs("pages     not hashed, given as ", f);
		print_hex(f, job->seed, SNP_DIGEST);
	}
	print_file(f, "svsm", &job->svsm);
	print_file(f, "kernel", &job->kernel);
	print_file(f, "initrd", &job->initrd);
	for (size_t i = 0; job->options->kernel && i < job->nr_append; i++)
		print_append(f, i, &job->append[i]);
	if (job->options->svsm)
		fputs("svsm      processors start in it, features 0x1; FPU "
		      "control word 0: unconfirmed\n",
		      f);
	for (size_t i = 0; i < m->nr_vmms && !job->options->svsm; i++)
		fprintf(f, "%-9s %s\n", snp_vmm_name(m->vmms[i]),
			matrix_vmm_text(m->vmms[i]));
	if (m->nr_vmms > 0 && !job->options->trace)
		matrix_head(f, m, job->nr_append > 1);
}

int snp_job_head(struct snp_job *job, struct err *e)
{
	int rc = trace_begin(&job->trace, job->options->trace, &job->common,
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

static int measure_hmac(const struct snp_job *job, const struct matrix_value *v,
			uint8_t hmac[SEV_DIGEST], struct err *e)
{
	return job->options->tik
		       ? sev_launch_measure(&job->launch, v->digest, hmac, e)
		       : RC_OK;
}

static int emit_json(struct snp_job *job, const struct matrix_value *v,
		     struct err *e)
{
	uint8_t hmac[SEV_DIGEST];
	json_t *j = matrix_json(v);
	int rc = measure_hmac(job, v, hmac, e);

	if (!rc && j && job->options->kernel && job->nr_append > 1 &&
	    json_object_set_new(j, "append", json_integer((int)v->append)))
		rc = err_nomem(e);
	if (!rc && j && job->options->tik &&
	    json_object_set_new(j, "launch_measure",
				cmd_json_hex(hmac, sizeof(hmac))))
		rc = err_nomem(e);
	if (!rc && json_array_append(job->values, j))
		rc = err_nomem(e);
	json_decref(j);
	return rc;
}

/* Without a table: SEV and the hash of the firmware. */
static void print_plain(struct snp_job *job, const struct matrix_value *v)
{
	fputs("digest    ", job->out.f);
	if (job->nr_append > 1)
		fprintf(job->out.f, "%-2zu ", v->append + 1);
	matrix_quiet(job->out.f, v);
}

int snp_job_emit(void *arg, const struct matrix_value *v, struct err *e)
{
	struct snp_job *job = arg;
	uint8_t hmac[SEV_DIGEST];
	bool quiet = job->common.quiet;
	int rc;

	if (job->common.json)
		return emit_json(job, v, e);
	/* A trace has shown it already. */
	if (job->trace.on)
		return RC_OK;
	rc = measure_hmac(job, v, hmac, e);
	if (rc)
		return rc;
	if (quiet && !job->options->tik)
		matrix_quiet(job->out.f, v);
	else if (!quiet && v->vcpus == 0)
		print_plain(job, v);
	else if (!quiet)
		matrix_print(job->out.f, &job->matrix, v, job->nr_append > 1);
	if (job->options->tik) {
		fputs(quiet ? "" : "launch measure  ", job->out.f);
		print_hex(job->out.f, hmac, sizeof(hmac));
	}
	return RC_OK;
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
		if (json_array_append_new(list, s)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The firmware, and what stands for it. */
static json_t *firmware_json(const struct snp_job *job)
{
	json_t *j = file_json(&job->firmware, NULL);

	if (job->options->descriptor) {
		json_decref(j);
		j = json_pack("{s:o, s:I, s:o}", "descriptor",
			      cmd_json_text(job->options->descriptor), "size",
			      (json_int_t)job->firmware_size, "sha256",
			      cmd_json_hex(job->described, SHA256_SIZE));
	}
	if ((job->mode == MODE_SNP || job->mode == MODE_FIRMWARE_HASH) &&
	    (json_object_set_new(j, "firmware_hash",
				 cmd_json_hex(job->seed, SNP_DIGEST)) ||
	     json_object_set_new(j, "firmware_hash_given",
				 json_boolean(job->options->seed.set)))) {
		json_decref(j);
		return NULL;
	}
	return j;
}

static json_t *head_json(const struct snp_job *job)
{
	json_t *j =
		json_pack("{s:s, s:s, s:o}", "schema", "mote-snp-1", "mode",
			  mode_name(job->mode), "firmware", firmware_json(job));

	if (j &&
	    ((job->options->svsm &&
	      json_object_set_new(j, "svsm", file_json(&job->svsm, NULL))) ||
	     json_object_set_new(j, "kernel",
				 file_json(&job->kernel, job->hashes.kernel)) ||
	     json_object_set_new(j, "initrd",
				 file_json(&job->initrd, job->hashes.initrd)) ||
	     json_object_set_new(j, "append", append_json(job)))) {
		json_decref(j);
		return NULL;
	}
	return j;
}

int snp_job_tail(struct snp_job *job, struct err *e)
{
	json_t *j;
	int rc;

	if (!job->common.json)
		return trace_end(&job->trace, NULL, e);
	j = head_json(job);
	rc = j ? trace_end(&job->trace, j, e) : err_nomem(e);
	if (!rc && json_object_set(j, "values", job->values))
		rc = err_nomem(e);
	if (!rc)
		return cmd_out_json(&job->out, j, e);
	json_decref(j);
	return rc;
}
