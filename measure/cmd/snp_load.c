/* SPDX-License-Identifier: Apache-2.0 */
/* snp_load.c: the files of mote-measure snp, and what is odd about them. */
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>

#include "descriptor.h"
#include "hash.h"
#include "kernel.h"
#include "snp_cmd.h"

enum { BIOS_UNIT = 64 * 1024 };

static int load_descriptor(struct snp_job *job, struct err *e)
{
	static struct firmware_descriptor d;
	struct input in;
	int rc = input_load(&in, INPUT_TEXT, job->options->descriptor, e);

	rc = rc ? rc
		: descriptor_parse((const char *)in.data, in.len, in.path, &d,
				   e);
	input_free(&in);
	if (rc)
		return rc;
	job->ovmf = d.ovmf;
	job->firmware_size = d.size;
	memcpy(job->seed, d.seed, SNP_DIGEST);
	memcpy(job->described, d.sha256, sizeof(job->described));
	job->has_seed = true;
	return RC_OK;
}

static int load_firmware(struct snp_job *job, struct err *e)
{
	const struct snp_options *o = job->options;
	struct err inner = {""};
	int rc;

	if (o->descriptor)
		return load_descriptor(job, e);
	rc = input_load(&job->firmware, INPUT_FIRMWARE, o->firmware, e);
	if (rc)
		return rc;
	job->firmware_size = job->firmware.len;
	rc = ovmf_parse(job->firmware.data, job->firmware.len, &job->ovmf,
			&inner);
	if (rc)
		return err_set(e, rc, "%s: %s", o->firmware, inner.msg);
	if (kernel_kind(job->firmware.data, job->firmware.len) ==
	    KERNEL_BZIMAGE)
		return err_set(e, RC_FORMAT,
			       "%s: this is a kernel, not firmware",
			       o->firmware);
	if (job->firmware.len == 0 || job->firmware.len % SNP_PAGE)
		return err_set(e, RC_FORMAT,
			       "%s: %zu bytes are no whole number of pages of "
			       "4096",
			       o->firmware, job->firmware.len);
	/* SNP has no flash: what it cannot take by -bios it cannot take. */
	if (job->mode == MODE_SNP && !o->svsm && !o->seed.set &&
	    job->firmware.len % BIOS_UNIT)
		cmd_warn("%s: QEMU's -bios takes multiples of 64 KiB only, "
			 "this has %zu bytes",
			 o->firmware, job->firmware.len);
	if (o->seed.set) {
		memcpy(job->seed, o->seed.b, SNP_DIGEST);
		job->has_seed = true;
	}
	return RC_OK;
}

static int vars_size(const struct snp_options *o, uint64_t *size, struct err *e)
{
	struct stat st;

	*size = o->vars_size.v;
	if (!o->vars_file)
		return RC_OK;
	if (stat(o->vars_file, &st))
		return err_sys(e, "%s: cannot stat", o->vars_file);
	if (!S_ISREG(st.st_mode))
		return err_set(e, RC_FORMAT, "%s: not a regular file",
			       o->vars_file);
	output_protect(o->vars_file);
	*size = (uint64_t)st.st_size;
	return RC_OK;
}

static int load_svsm(struct snp_job *job, struct err *e)
{
	const char *path = job->options->svsm;
	struct err inner = {""};
	uint64_t vars;
	int rc;

	if (!path)
		return RC_OK;
	rc = input_load(&job->svsm, INPUT_FIRMWARE, path, e);
	rc = rc ? rc : vars_size(job->options, &vars, e);
	if (rc)
		return rc;
	rc = snp_svsm_parse(job->svsm.data, job->svsm.len, job->firmware_size,
			    vars, &job->svsm_info, &inner);
	return rc ? err_set(e, rc, "%s: %s", path, inner.msg) : RC_OK;
}

static int load_append(struct snp_job *job, struct err *e)
{
	const struct snp_options *o = job->options;
	int rc = RC_OK;

	for (size_t i = 0; i < o->append.n; i++) {
		struct input *in = &job->append[job->nr_append++];

		in->len = strlen(o->append.v[i]);
		in->data = (uint8_t *)strdup(o->append.v[i]);
		if (!in->data)
			return err_nomem(e);
	}
	for (size_t i = 0; !rc && i < o->append_file.n; i++) {
		struct input *in = &job->append[job->nr_append++];

		rc = input_load(in, INPUT_TEXT, o->append_file.v[i], e);
		if (!rc && memchr(in->data, '\0', in->len))
			return err_set(e, RC_FORMAT,
				       "%s: a command line has no NUL bytes",
				       in->path);
		if (!rc && in->len > 0 && in->data[in->len - 1] == '\n')
			cmd_warn("%s: the newline at its end is measured too",
				 in->path);
	}
	if (job->nr_append == 0)
		job->nr_append = 1; /* none is an empty one */
	return rc;
}

static int make_tables(struct snp_job *job, struct err *e)
{
	struct sev_hashes *h = &job->hashes;
	int rc =
		sev_hashes_of(job->kernel.data, job->kernel.len,
			      job->initrd.data, job->initrd.len, NULL, 0, h, e);

	for (size_t i = 0; !rc && i < job->nr_append; i++) {
		rc = sev_hashes_cmdline(job->append[i].data, job->append[i].len,
					h, e);
		sev_hashes_table(h, job->tables[i]);
	}
	return rc;
}

static int load_kernel(struct snp_job *job, struct err *e)
{
	const struct snp_options *o = job->options;
	const char *odd;
	int rc;

	rc = input_load(&job->kernel, INPUT_KERNEL, o->kernel, e);
	rc = rc ? rc : input_load(&job->initrd, INPUT_INITRD, o->initrd, e);
	rc = rc ? rc : load_append(job, e);
	if (rc || !o->kernel)
		return rc;
	odd = kernel_hash_warning(job->kernel.data, job->kernel.len);
	if (odd)
		cmd_warn("%s: %s", o->kernel, odd);
	if (o->initrd && job->initrd.len == 0)
		cmd_warn("%s: empty, which is the same as no initrd",
			 o->initrd);
	return make_tables(job, e);
}

static int load_tik(struct snp_job *job, struct err *e)
{
	struct input in;
	int rc;

	if (!job->options->tik)
		return RC_OK;
	rc = input_load(&in, INPUT_KEY, job->options->tik, e);
	if (!rc && in.len != sizeof(job->launch.tik))
		rc = err_set(e, RC_FORMAT, "%s: %zu bytes instead of %zu",
			     in.path, in.len, sizeof(job->launch.tik));
	if (!rc)
		memcpy(job->launch.tik, in.data, in.len);
	input_cleanse(&in);
	input_free(&in);
	return rc;
}

int snp_job_load(struct snp_job *job, struct err *e)
{
	int rc;

	job->sha384 = hash_new(SHA384_SIZE, e);
	if (!job->sha384)
		return RC_IO;
	job->sha256 = hash_new(SHA256_SIZE, e);
	if (!job->sha256)
		return RC_IO;
	rc = load_firmware(job, e);
	rc = rc ? rc : load_svsm(job, e);
	rc = rc ? rc : load_kernel(job, e);
	return rc ? rc : load_tik(job, e);
}

void snp_job_free(struct snp_job *job)
{
	OPENSSL_cleanse(&job->launch, sizeof(job->launch));
	for (size_t i = 0; i < job->nr_append; i++)
		input_free(&job->append[i]);
	input_free(&job->firmware);
	input_free(&job->kernel);
	input_free(&job->initrd);
	input_free(&job->svsm);
	hash_free(job->sha384);
	hash_free(job->sha256);
	json_decref(job->values);
	trace_free(&job->trace);
}
