/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_igvm.c: mote-measure igvm, launch digests of guests in IGVM files. */
#include <inttypes.h>
#include <string.h>

#include "hash.h"
#include "hex.h"
#include "igvm_cmd.h"
#include "inspect.h"

static const char help[] =
	"usage: mote-measure igvm [OPTION]... FILE\n\n"
	"The launch digest (SEV-SNP) or MRTD (TDX) of a guest made from an "
	"IGVM file.\n"
	"Refuses what QEMU and KVM refuse or would measure otherwise.\n\n"
	"  --platform NAME  snp or tdx, if the file has both\n"
	"  --vcpus LIST     vCPUs at launch: 4, 1-64, 1,2,8-16 (as many as "
	"the file\n"
	"                   has VP_CONTEXTs)\n"
	"  --cpu MODEL      QEMU CPU model of vCPUs without a VP_CONTEXT\n"
	"  --vcpu-sig N     or its CPUID leaf 1 EAX\n"
	"  --order NAME     file: pages in the order of the file; qemu: as "
	"QEMU's\n"
	"                   loader does it; needed where these differ\n"
	"  --trace          each page with the digest so far\n"
	"  --json, --quiet, --output FILE, --help\n";

static int parse_vcpus(const struct cmd *self, struct igvm_job *job)
{
	struct matrix_options o = job->options;
	int code;

	job->has_cpu = o.cpu || o.vcpu_sig;
	o.vcpus = o.vcpus ? o.vcpus : "1"; /* choose_vcpus() corrects it */
	/* Numbers of vCPUs alone need no CPU: that VMM does not name one. */
	code = matrix_parse(self, &o, job->has_cpu ? SNP_VMM_QEMU : SNP_VMM_GCE,
			    &job->matrix);
	if (code == OPT_DONE && job->matrix.nr_cpus > 1)
		return cmd_usage(self, "--cpu and --vcpu-sig: only one CPU");
	return code;
}

static int parse_order(const struct cmd *self, struct igvm_job *job)
{
	const char *name = job->order_name ? job->order_name : "file";

	if (strcmp(name, "qemu") == 0)
		job->order = IGVM_ORDER_QEMU;
	else if (strcmp(name, "file") != 0)
		return cmd_usage(self, "--order: '%s' is neither file nor qemu",
				 name);
	return parse_vcpus(self, job);
}

/* Which platform of the file is meant. */
static int choose_platform(const struct cmd *self, struct igvm_job *job)
{
	const struct igvm_platform *snp = igvm_platform(&job->igvm, IGVM_SNP);
	const struct igvm_platform *tdx = igvm_platform(&job->igvm, IGVM_TDX);
	const char *name = job->platform_name;
	struct err e = {""};

	if (!name && snp && tdx)
		return cmd_usage(self,
				 "%s: for SEV-SNP and for TDX: --platform is "
				 "missing",
				 job->file.path);
	job->platform = !name			   ? (snp ? snp : tdx)
			: strcmp(name, "snp") == 0 ? snp
						   : tdx;
	if (!job->platform)
		return cmd_fail(
			err_set(&e, RC_UNSUPPORTED,
				"%s: not for %s, but for %s%s", job->file.path,
				!name			   ? "SEV-SNP or TDX"
				: strcmp(name, "snp") == 0 ? "SEV-SNP"
							   : "TDX",
				igvm_type_name(job->igvm.platforms[0].type),
				job->igvm.nr_platforms > 1 ? " and others"
							   : ""),
			&e);
	if (job->platform == tdx &&
	    (job->options.vcpus || job->has_cpu || job->order_name))
		return cmd_usage(self, "--vcpus, --cpu, --vcpu-sig and --order "
				       "are for SEV-SNP");
	return OPT_DONE;
}

/* Two digests of one file: which of them is meant? */
static int choose_order(const struct cmd *self, const struct igvm_job *job)
{
	if (job->order_name || !igvm_order_matters(&job->igvm, job->platform))
		return OPT_DONE;
	return cmd_usage(self,
			 "%s: QEMU adds a PARAMETER_INSERT before the pages in "
			 "front of it: choose --order file or qemu",
			 job->file.path);
}

/* Which numbers of vCPUs are meant, and whether the file has them. */
static int choose_vcpus(const struct cmd *self, struct igvm_job *job)
{
	const struct igvm *g = &job->igvm;
	struct matrix *m = &job->matrix;
	struct err e = {""};

	if (!job->options.vcpus) {
		m->vcpus[1] = false;
		m->vcpus[g->end_vmsas] = true;
		m->max_vcpus = g->end_vmsas;
	}
	for (size_t n = 1; n < g->end_vmsas; n++)
		if (m->vcpus[n])
			return cmd_fail(
				err_set(&e, RC_UNSUPPORTED,
					"%s: offset 0x%" PRIx32
					": QEMU refuses the VP_CONTEXT of vCPU "
					"%zu if there are %zu vCPUs",
					job->file.path,
					g->vmsa_at[g->end_vmsas - 1],
					g->end_vmsas - 1, n),
				&e);
	for (size_t i = 0; i < m->max_vcpus && !job->has_cpu; i++)
		if (g->vmsa[i] == 0)
			return cmd_usage(self,
					 "%s: vCPU %zu has no VP_CONTEXT and "
					 "starts in the reset state: give "
					 "--cpu or --vcpu-sig",
					 job->file.path, i);
	return OPT_DONE;
}

/* The ID block of the file has to be one of this guest. */
static int check_id(const struct igvm_job *job, size_t vcpus,
		    const uint8_t digest[SNP_DIGEST], struct err *e)
{
	const struct igvm_id_block *id = &job->igvm.id;
	char has[2 * SNP_DIGEST + 1], is[2 * SNP_DIGEST + 1];

	if (id->at == 0 || memcmp(id->digest, digest, SNP_DIGEST) == 0)
		return RC_OK;
	hex_format(id->digest, SNP_DIGEST, has);
	hex_format(digest, SNP_DIGEST, is);
	return err_set(e, RC_MISMATCH,
		       "%s: offset 0x%" PRIx32
		       ": SNP_ID_BLOCK has launch digest %s, that of %zu vCPUs "
		       "is %s",
		       job->file.path, id->at, has, vcpus, is);
}

static int measure_snp(struct igvm_job *job, struct err *e)
{
	const struct igvm *g = &job->igvm;
	const struct snp_vcpu v = {SNP_VMM_QEMU, SNP_BSP_EIP,
				   job->matrix.cpus[0].sig,
				   igvm_snp_features(g)};
	struct snp_launch l = {.sha384 = job->sha384};
	uint8_t reset[SNP_PAGE];
	size_t contexts = 0;
	int rc = RC_OK;

	trace_attach(&job->trace, &l);

	snp_vmsa(&v, reset);
	igvm_snp_pages(g, job->platform, job->order, &l);
	for (size_t i = 0; !rc && i < job->matrix.max_vcpus; i++) {
		igvm_snp_vcpu(g, i, reset, &l);
		contexts += g->vmsa[i] != 0;
		if (!job->matrix.vcpus[i + 1])
			continue;
		rc = hash_check(job->sha384, e);
		rc = rc ? rc : check_id(job, i + 1, l.digest, e);
		rc = rc ? rc
			: igvm_job_value(job, i + 1, contexts, l.digest, e);
	}
	return rc;
}

static void trace_tdx(void *arg, bool extended, uint64_t gpa,
		      const uint8_t digest[SNP_DIGEST])
{
	trace_page(arg, extended ? SNP_PAGE_NORMAL : SNP_PAGE_UNMEASURED, gpa,
		   digest);
}

static int measure_tdx(struct igvm_job *job, struct err *e)
{
	uint8_t digest[SNP_DIGEST];
	int rc;

	igvm_tdx(&job->igvm, job->platform, job->sha384,
		 job->trace.on ? trace_tdx : NULL, &job->trace, digest);
	rc = hash_check(job->sha384, e);
	return rc ? rc : igvm_job_value(job, 0, 0, digest, e);
}

static int measure(struct igvm_job *job)
{
	struct err e = {""};
	int rc = cmd_out_begin(&job->out, &e);

	rc = rc ? rc : igvm_job_head(job, &e);
	if (!rc) {
		job->sha384 = hash_new(SHA384_SIZE, &e);
		rc = job->sha384 ? RC_OK : RC_IO;
	}
	if (!rc)
		rc = job->platform->type == IGVM_SNP ? measure_snp(job, &e)
						     : measure_tdx(job, &e);
	rc = rc ? rc : igvm_job_tail(job, &e);
	if (rc) {
		cmd_out_drop(&job->out);
		return cmd_fail(rc, &e);
	}
	return cmd_out_end(&job->out, &job->common);
}

static int load(const struct cmd *self, struct igvm_job *job, const char *path)
{
	struct err e = {""};
	int code, rc = input_load(&job->file, INPUT_IGVM, path, &e);

	if (rc)
		return cmd_fail(rc, &e);
	rc = igvm_parse(job->file.data, job->file.len, &job->igvm, &e);
	if (rc)
		return cmd_fail(inspect_refuse(rc, path, &e, &e), &e);
	code = choose_platform(self, job);
	if (code != OPT_DONE)
		return code;
	rc = igvm_check(&job->igvm, job->platform, &e);
	if (rc)
		return cmd_fail(inspect_refuse(rc, path, &e, &e), &e);
	if (job->platform->type != IGVM_SNP)
		return OPT_DONE;
	code = choose_order(self, job);
	return code == OPT_DONE ? choose_vcpus(self, job) : code;
}

static int run(const struct cmd *self, int argc, char **argv)
{
	static struct igvm_job job; /* large */
	const struct opt table[] = {
		{"platform", OPT_STRING, &job.platform_name, 0},
		{"vcpus", OPT_STRING, &job.options.vcpus, 0},
		{"cpu", OPT_STRING, &job.options.cpu, 0},
		{"vcpu-sig", OPT_STRING, &job.options.vcpu_sig, 0},
		{"order", OPT_STRING, &job.order_name, 0},
		{"trace", OPT_FLAG, &job.trace_wanted, 0},
		{NULL, OPT_FLAG, NULL, 0},
	};
	const char *path = NULL;
	size_t n = 0;
	int code =
		opt_parse(self, table, argc, argv, &job.common, &path, 1, &n);

	if (code != OPT_DONE)
		return code;
	if (n == 0)
		return cmd_usage(self, "no file is given");
	if (job.platform_name && strcmp(job.platform_name, "snp") != 0 &&
	    strcmp(job.platform_name, "tdx") != 0)
		return cmd_usage(self,
				 "--platform: '%s' is neither snp nor tdx",
				 job.platform_name);
	code = parse_order(self, &job);
	if (code == OPT_DONE)
		code = load(self, &job, path);
	if (code == OPT_DONE)
		code = measure(&job);
	json_decref(job.values);
	trace_free(&job.trace);
	hash_free(job.sha384);
	igvm_free(&job.igvm);
	input_free(&job.file);
	return code;
}

const struct cmd cmd_igvm = {
	"igvm", "launch digests of guests made from IGVM files", help, run};
