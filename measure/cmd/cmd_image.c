/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_image.c: mote-measure image, the reference values of an image folder. */
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "snp_cmd.h"

static const char help[] =
	"usage: mote-measure image --firmware FILE --vcpus LIST --cpu LIST "
	"[OPTION]...\n"
	"       FOLDER\n\n"
	"Checks that FOLDER is what its manifest.json says, and computes the "
	"SNP\n"
	"launch digests of direct boot with its kernel and command line.\n\n"
	"  --firmware FILE       image that the VMM maps below 4 "
	"GiB\n" MATRIX_HELP "  --json, --quiet, --output FILE, --help\n";

/* docs/measurements.md has the whole of it. */
static const char formula[] =
	"SHA-384 chain of PAGE_INFO (AMD 56860, 8.17.2): firmware pages, SEV "
	"metadata sections with the hashes of kernel, no initrd and cmdline, "
	"one VMSA for each vCPU";

struct job {
	struct snp_options options;
	struct snp_job snp;
	struct report report;
	char *kernel, *cmdline;
};

static int paths(struct job *job, const char *folder, struct err *e)
{
	struct snp_options *o = &job->options;

	if (asprintf(&job->kernel, "%s/vmlinuz", folder) < 0) {
		job->kernel = NULL;
		return err_nomem(e);
	}
	if (asprintf(&job->cmdline, "%s/cmdline", folder) < 0) {
		job->cmdline = NULL;
		return err_nomem(e);
	}
	o->kernel = job->kernel;
	o->append_file.v[0] = job->cmdline;
	o->append_file.n = 1;
	return RC_OK;
}

/* The path says nothing to others: the name is enough. */
static json_t *firmware_json(const struct job *job)
{
	const char *path = job->options.firmware;
	const char *slash = strrchr(path, '/');

	return json_pack("{s:o, s:I, s:o, s:o, s:n}", "name",
			 cmd_json_text(slash ? slash + 1 : path), "size",
			 (json_int_t)job->snp.firmware.len, "sha256",
			 input_json(&job->snp.firmware), "firmware_hash",
			 cmd_json_hex(job->snp.seed, SNP_DIGEST),
			 "tested_guarantees");
}

/* The artefact of that name as inspect_image() has compared it. */
static json_t *artefact(const struct job *job, const char *name)
{
	json_t *j;
	size_t i;

	json_array_foreach(
		json_object_get(job->report.j, "artefacts"), i,
		j) if (strcmp(json_string_value(json_object_get(j, "name")),
			      name) ==
		       0) return json_pack("{s:O, s:O, s:O, s:O}", "name",
					   json_object_get(j, "name"), "size",
					   json_object_get(j, "size"), "sha256",
					   json_object_get(j, "sha256"),
					   "sha384",
					   json_object_get(j, "sha384"));
	return NULL;
}

static json_t *image_json(const struct job *job)
{
	const json_t *r = job->report.j;

	return json_pack("{s:O, s:O, s:O, s:O, s:O, s:O}", "mote",
			 json_object_get(r, "mote"), "flavor",
			 json_object_get(r, "flavor"), "profile",
			 json_object_get(r, "profile"), "kernel_version",
			 json_object_get(r, "kernel_version"), "root_hash",
			 json_object_get(r, "root_hash"), "cmdline",
			 json_object_get(r, "cmdline"));
}

/* Says of each value by which formula and of which inputs it was made. */
static json_t *values_json(const struct job *job)
{
	json_t *v;
	size_t i;

	json_array_foreach(
		job->snp.values, i,
		v) if (json_object_update_new(v,
					      json_pack(
						      "{s:s, s:[s,s,s]}",
						      "formula",
						      "snp_launch_digest",
						      "inputs", "firmware",
						      "vmlinuz",
						      "cmdline"))) return NULL;
	return json_incref(job->snp.values);
}

static json_t *reference_values(const struct job *job)
{
	return json_pack(
		"{s:s, s:s, s:o, s:{s:o, s:o, s:o, s:o}, s:{s:s}, s:o}",
		"schema", "mote-reference-values-1", "generator",
		"mote-measure " MOTE_VERSION, "image", image_json(job),
		"inputs", "firmware", firmware_json(job), "vmlinuz",
		artefact(job, "vmlinuz"), "cmdline", artefact(job, "cmdline"),
		"root.img", artefact(job, "root.img"), "formulas",
		"snp_launch_digest", formula, "values", values_json(job));
}

/* Between the two readings nobody may have replaced a file. */
static int same_file(const struct job *job, const char *name,
		     const struct input *in, struct err *e)
{
	json_t *is = input_json(in), *was = artefact(job, name);
	int rc = RC_OK;

	if (!is || !was)
		rc = err_nomem(e);
	else if (!json_equal(is, json_object_get(was, "sha256")))
		rc = err_set(e, RC_MISMATCH, "%s: changed meanwhile", in->path);
	json_decref(is);
	json_decref(was);
	return rc;
}

static int measure(struct job *job, const char *folder, struct err *e)
{
	bool json = job->snp.common.json;
	int rc = inspect_image(folder, &job->report, e);

	rc = rc ? rc : paths(job, folder, e);
	rc = rc ? rc : snp_job_load(&job->snp, e);
	rc = rc ? rc : same_file(job, "vmlinuz", &job->snp.kernel, e);
	rc = rc ? rc : same_file(job, "cmdline", &job->snp.append[0], e);
	rc = rc ? rc : cmd_out_begin(&job->snp.out, e);
	rc = rc ? rc : snp_job_head(&job->snp, e);
	rc = rc ? rc : snp_job_values(&job->snp, e);
	if (!rc && json)
		rc = cmd_out_json(&job->snp.out, reference_values(job), e);
	return rc;
}

static int run(const struct cmd *self, int argc, char **argv)
{
	static struct job job; /* large */
	const struct opt table[] = {
		{"firmware", OPT_STRING, &job.options.firmware, 0},
		MATRIX_ROWS(&job.options.matrix),
		{NULL, OPT_FLAG, NULL, 0},
	};
	const char *folder = NULL;
	struct err e = {""};
	size_t n = 0;
	int rc, code = opt_parse(self, table, argc, argv, &job.snp.common,
				 &folder, 1, &n);

	if (code == OPT_DONE && n == 0)
		code = cmd_usage(self, "the folder is missing");
	if (code == OPT_DONE && !job.options.firmware)
		code = cmd_usage(self, "--firmware is missing");
	if (code == OPT_DONE)
		code = matrix_parse(self, &job.options.matrix, SNP_VMM_QEMU,
				    &job.snp.matrix);
	if (code != OPT_DONE)
		return code;
	job.snp.options = &job.options;
	rc = measure(&job, folder, &e);
	if (rc) {
		cmd_out_drop(&job.snp.out);
		code = cmd_fail(rc, &e);
	} else {
		code = cmd_out_end(&job.snp.out, &job.snp.common);
	}
	snp_job_free(&job.snp);
	report_free(&job.report);
	free(job.kernel);
	free(job.cmdline);
	return code;
}

const struct cmd cmd_image = {"image", "reference values of an image folder",
			      help, run};
