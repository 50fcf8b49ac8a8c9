/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_snp_extend.c: mote-measure snp extend, N vCPUs from the digest of 1. */
#include <string.h>

#include "hash.h"
#include "matrix.h"

static const char help[] =
	"usage: mote-measure snp extend --digest HEX --ap-eip N|--firmware "
	"FILE\n"
	"       --vcpus LIST --cpu MODEL [OPTION]...\n\n"
	"  --digest HEX          SNP launch digest of the same guest, one "
	"vCPU\n"
	"  --ap-eip N            where further vCPUs start: 0x80b004 with "
	"edk2\n"
	"  --firmware FILE       or the firmware, which says so\n" MATRIX_HELP
	"  --json, --quiet, --output FILE, --help\n";

struct job {
	struct opt_hex digest;
	struct opt_number ap_eip;
	const char *firmware;
	struct matrix_options options;
	struct matrix matrix;
	struct cmd_common common;
	struct cmd_out out;
	json_t *values;
};

static int emit(void *arg, const struct matrix_value *v, struct err *e)
{
	struct job *job = arg;

	if (job->common.json)
		return json_array_append_new(job->values, matrix_json(v))
			       ? err_nomem(e)
			       : RC_OK;
	if (job->common.quiet)
		matrix_quiet(job->out.f, v);
	else
		matrix_print(job->out.f, &job->matrix, v, false);
	return RC_OK;
}

static int parse(const struct cmd *self, struct job *job)
{
	const struct matrix *m = &job->matrix;
	int code;

	if (!job->digest.set)
		return cmd_usage(self, "--digest is missing");
	if (job->ap_eip.set && job->ap_eip.v == 0)
		return cmd_usage(self, "--ap-eip: no VM starts with 0");
	if (job->ap_eip.set == !!job->firmware)
		return cmd_usage(self, "give one of --ap-eip and --firmware");
	code = matrix_parse(self, &job->options, SNP_VMM_QEMU, &job->matrix);
	if (code == OPT_DONE &&
	    (m->nr_vmms > 1 || m->nr_features > 1 || m->nr_cpus > 1))
		return cmd_usage(self, "the digest has one CPU model, feature "
				       "value and VMM");
	return code;
}

static int reset_eip(const struct job *job, uint32_t *eip, struct err *e)
{
	struct input in;
	struct ovmf o = {0};
	struct err inner = {""};
	int rc;

	*eip = (uint32_t)job->ap_eip.v;
	if (!job->firmware)
		return RC_OK;
	rc = input_load(&in, INPUT_FIRMWARE, job->firmware, e);
	if (rc)
		return rc;
	rc = ovmf_parse(in.data, in.len, &o, &inner);
	input_free(&in);
	if (!rc && !o.has_reset)
		rc = err_set(&inner, RC_UNSUPPORTED, "no SEV-ES reset block");
	*eip = o.reset_eip;
	return rc ? err_set(e, rc, "%s: %s", job->firmware, inner.msg) : RC_OK;
}

static int measure(struct job *job, struct hash *sha384, struct err *e)
{
	const struct matrix *m = &job->matrix;
	const struct matrix_value v = {
		.cpu = &m->cpus[0],
		.features = m->features[0],
		.vmm = m->vmms[0],
		.vcpus = 1,
		.digest = job->digest.b,
		.len = SNP_DIGEST,
	};
	struct snp_launch l = {.sha384 = sha384};
	uint32_t eip;
	int rc = reset_eip(job, &eip, e);

	memcpy(l.digest, job->digest.b, SNP_DIGEST);
	if (!rc && m->vcpus[1])
		rc = emit(job, &v, e);
	rc = rc ? rc : matrix_chain(m, &l, 1, eip, v, emit, job, e);
	return rc ? rc : hash_check(sha384, e);
}

static int print(struct job *job, struct err *e)
{
	struct hash *sha384 = hash_new(SHA384_SIZE, e);
	int rc = sha384 ? cmd_out_begin(&job->out, e) : RC_IO;

	job->values = json_array();
	if (!rc && !job->values)
		rc = err_nomem(e);
	if (!rc && !job->common.json && !job->common.quiet)
		matrix_head(job->out.f, &job->matrix, false);
	rc = rc ? rc : measure(job, sha384, e);
	hash_free(sha384);
	if (!rc && job->common.json)
		rc = cmd_out_json(
			&job->out,
			json_pack("{s:s, s:o, s:O}", "schema",
				  "mote-snp-extend-1", "from",
				  cmd_json_hex(job->digest.b, SNP_DIGEST),
				  "values", job->values),
			e);
	json_decref(job->values);
	return rc;
}

static int run(const struct cmd *self, int argc, char **argv)
{
	static struct job job;
	const struct opt table[] = {
		{"digest", OPT_HEX, &job.digest, SNP_DIGEST},
		{"ap-eip", OPT_NUMBER, &job.ap_eip, UINT32_MAX},
		{"firmware", OPT_STRING, &job.firmware, 0},
		MATRIX_ROWS(&job.options),
		{NULL, OPT_FLAG, NULL, 0},
	};
	struct err e = {""};
	int rc, code = opt_parse(self, table, argc, argv, &job.common, NULL, 0,
				 NULL);

	if (code == OPT_DONE)
		code = parse(self, &job);
	if (code != OPT_DONE)
		return code;
	rc = print(&job, &e);
	if (!rc)
		return cmd_out_end(&job.out, &job.common);
	cmd_out_drop(&job.out);
	return cmd_fail(rc, &e);
}

const struct cmd cmd_snp_extend = {
	"snp extend", "SNP launch digests of N vCPUs from that of one", help,
	run};
