/* SPDX-License-Identifier: Apache-2.0 */
/* snp_measure.c: the values of mote-measure snp. */
#include <string.h>

#include "hash.h"
#include "snp_cmd.h"

static struct snp_launch launch_of(struct snp_job *job)
{
	struct snp_launch l = {.sha384 = job->sha384};

	trace_attach(&job->trace, &l);
	return l;
}

/* The digest of the firmware pages, once for all values. */
static int make_seed(struct snp_job *job, struct err *e)
{
	struct snp_launch l = launch_of(job);
	int rc;

	if (job->has_seed)
		return RC_OK;
	rc = snp_add_firmware(&l, job->firmware.data, job->firmware.len, e);
	memcpy(job->seed, l.digest, SNP_DIGEST);
	return rc;
}

static const uint8_t *table_of(const struct snp_job *job, size_t append)
{
	return job->options->kernel ? job->tables[append] : NULL;
}

/* All CPUs and counts of one command line, feature value and VMM. */
static int each_cpu(struct snp_job *job, const struct snp_launch *l,
		    struct matrix_value v, struct err *e)
{
	const struct matrix *m = &job->matrix;
	int rc = RC_OK;

	for (size_t i = 0; !rc && i < m->nr_cpus; i++) {
		v.cpu = &m->cpus[i];
		rc = matrix_chain(m, l, 0, job->ovmf.reset_eip, v, snp_job_emit,
				  job, e);
	}
	return rc;
}

static const char *firmware_name(const struct snp_job *job)
{
	const struct snp_options *o = job->options;

	return o->firmware ? o->firmware : o->descriptor;
}

static int add_sections(const struct snp_job *job, struct snp_launch *l,
			enum snp_vmm vmm, size_t append, struct err *e)
{
	struct err inner = {""};
	int rc = snp_add_sections(l, &job->ovmf, vmm, table_of(job, append),
				  &inner);

	return rc ? err_set(e, rc, "%s: %s", firmware_name(job), inner.msg)
		  : RC_OK;
}

static int measure_snp(struct snp_job *job, struct err *e)
{
	const struct matrix *m = &job->matrix;
	int rc = make_seed(job, e);

	for (size_t a = 0; a < job->nr_append; a++) {
		for (size_t i = 0; i < m->nr_features * m->nr_vmms; i++) {
			struct matrix_value v = {
				.append = a,
				.features = m->features[i / m->nr_vmms],
				.vmm = m->vmms[i % m->nr_vmms],
			};
			struct snp_launch l = launch_of(job);

			memcpy(l.digest, job->seed, SNP_DIGEST);
			rc = rc ? rc : add_sections(job, &l, v.vmm, a, e);
			rc = rc ? rc : each_cpu(job, &l, v, e);
		}
	}
	return rc;
}

/* Every processor starts at the same address: one page for all. */
static int measure_svsm(struct snp_job *job, struct err *e)
{
	const struct matrix *m = &job->matrix;
	struct snp_launch base = launch_of(job);
	uint8_t page[SNP_PAGE];
	int rc = make_seed(job, e);

	memcpy(base.digest, job->seed, SNP_DIGEST);
	rc = rc ? rc
		: snp_add_bytes(&base, job->svsm_info.base, job->svsm.data,
				job->svsm.len, e);
	rc = rc ? rc
		: snp_add_sections(&base, &job->svsm_info.ovmf, SNP_VMM_QEMU,
				   NULL, e);
	for (size_t c = 0; !rc && c < m->nr_cpus; c++) {
		struct snp_launch l = base;
		struct matrix_value v = {
			.cpu = &m->cpus[c],
			.features = SNP_FEATURES_DEFAULT,
			.svsm = true,
			.digest = l.digest,
			.len = SNP_DIGEST,
		};

		snp_svsm_vmsa(job->svsm_info.eip, v.cpu->sig, page);
		for (size_t i = 1; !rc && i <= m->max_vcpus; i++) {
			snp_add_page(&l, SNP_PAGE_VMSA, SNP_VMSA_GPA, page);
			v.vcpus = i;
			if (m->vcpus[i])
				rc = snp_job_emit(job, &v, e);
		}
	}
	return rc;
}

/* The counts of one SEV-ES configuration. */
static int each_es_count(struct snp_job *job, struct matrix_value v,
			 struct err *e)
{
	const struct matrix *m = &job->matrix;
	const struct snp_vcpu bsp = {v.vmm, SNP_BSP_EIP, v.cpu->sig, 0};
	uint8_t digest[SEV_DIGEST];
	int rc = RC_OK;

	sev_begin(job->sha256, job->firmware.data, job->firmware.len,
		  table_of(job, v.append));
	v.digest = digest;
	v.len = sizeof(digest);
	for (size_t i = 0; !rc && i < m->max_vcpus; i++) {
		sev_add_vcpu(job->sha256, &bsp, job->ovmf.reset_eip, i);
		v.vcpus = i + 1;
		if (!m->vcpus[i + 1])
			continue;
		hash_peek(job->sha256, digest);
		rc = snp_job_emit(job, &v, e);
	}
	return rc;
}

static int measure_sev_es(struct snp_job *job, struct err *e)
{
	const struct matrix *m = &job->matrix;
	int rc = RC_OK;

	for (size_t a = 0; a < job->nr_append; a++)
		for (size_t i = 0; !rc && i < m->nr_vmms * m->nr_cpus; i++)
			rc = each_es_count(
				job,
				(struct matrix_value){
					.append = a,
					.vmm = m->vmms[i / m->nr_cpus],
					.cpu = &m->cpus[i % m->nr_cpus],
				},
				e);
	return rc;
}

static int measure_sev(struct snp_job *job, struct err *e)
{
	uint8_t digest[SEV_DIGEST];
	int rc = RC_OK;

	for (size_t a = 0; !rc && a < job->nr_append; a++) {
		sev_begin(job->sha256, job->firmware.data, job->firmware.len,
			  table_of(job, a));
		hash_final(job->sha256, digest);
		rc = snp_job_emit(job,
				  &(struct matrix_value){
					  .append = a,
					  .digest = digest,
					  .len = sizeof(digest),
				  },
				  e);
	}
	return rc;
}

static int measure_seed(struct snp_job *job, struct err *e)
{
	int rc = make_seed(job, e);

	return rc ? rc
		  : snp_job_emit(job,
				 &(struct matrix_value){
					 .digest = job->seed,
					 .len = SNP_DIGEST,
				 },
				 e);
}

/* What the mode needs of the firmware. */
static int check(const struct snp_job *job, struct err *e)
{
	const struct snp_options *o = job->options;
	const char *name = firmware_name(job);
	struct err inner = {""};
	int rc = RC_OK;

	if (job->mode == MODE_SNP && !o->svsm && !job->ovmf.has_sev)
		return err_set(e, RC_UNSUPPORTED,
			       "%s: no SEV metadata: it does not start as an "
			       "SNP guest",
			       name);
	if ((job->mode == MODE_SEV_ES || job->mode == MODE_SNP) && !o->svsm &&
	    !job->ovmf.has_reset)
		return err_set(e, RC_UNSUPPORTED,
			       "%s: no SEV-ES reset block: where processors "
			       "start is unknown",
			       name);
	if (o->kernel && (job->mode == MODE_SEV || job->mode == MODE_SEV_ES))
		rc = sev_can_verify(&job->ovmf, &inner);
	return rc ? err_set(e, rc, "%s: %s", name, inner.msg) : RC_OK;
}

static int emit_page(const struct snp_job *job, struct err *e)
{
	uint8_t page[SNP_PAGE];
	int rc;

	if (!job->options->emit)
		return RC_OK;
	rc = sev_hashes_page(&job->ovmf, job->tables[0], page, e);
	return rc ? rc
		  : output_write(job->options->emit, page, sizeof(page), e);
}

static int measure(struct snp_job *job, struct err *e)
{
	switch (job->mode) {
	case MODE_SEV:
		return measure_sev(job, e);
	case MODE_SEV_ES:
		return measure_sev_es(job, e);
	case MODE_FIRMWARE_HASH:
		return measure_seed(job, e);
	default:
		return job->options->svsm ? measure_svsm(job, e)
					  : measure_snp(job, e);
	}
}

int snp_job_values(struct snp_job *job, struct err *e)
{
	int rc = check(job, e);

	rc = rc ? rc : measure(job, e);
	rc = rc ? rc : hash_check(job->sha384, e);
	return rc ? rc : hash_check(job->sha256, e);
}

int snp_job_measure(struct snp_job *job, struct err *e)
{
	int rc = cmd_out_begin(&job->out, e);

	rc = rc ? rc : snp_job_head(job, e);
	rc = rc ? rc : snp_job_values(job, e);
	rc = rc ? rc : snp_job_tail(job, e);
	return rc ? rc : emit_page(job, e);
}
