/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_identify.c: mote-measure identify, what a digest is the digest of. */
#include <string.h>

#include "hex.h"
#include "identify_cmd.h"

static const char help[] =
	"usage: mote-measure identify --digest HEX --firmware FILE "
	"[OPTION]...\n\n"
	"  --digest HEX         48 bytes for SNP, 32 for SEV-ES and SEV\n"
	"The launch that was expected\n"
	"  --mode MODE          snp, sev-es or sev (by the length of the "
	"digest:\n"
	"                       snp or sev-es)\n"
	"  --firmware FILE      image that the VMM maps below 4 GiB\n"
	"  --kernel FILE        of direct boot, with these:\n"
	"  --initrd FILE\n"
	"  --append TEXT\n"
	"  --append-file FILE   the same, the bytes of a file\n"
	"  --vcpus N            at launch (1)\n"
	"  --cpu MODEL          QEMU CPU model (EPYC)\n"
	"  --vcpu-sig N         or CPUID leaf 1 EAX\n"
	"  --guest-features N   SEV_FEATURES (SNP 0x1, SEV-ES 0)\n"
	"  --vmm NAME           qemu, legacy, ec2, ec2-old, gce (SNP qemu, "
	"SEV-ES\n"
	"                       legacy)\n"
	"What it may have been as well\n"
	"  --firmware-dir DIR   the files in it, as firmware\n"
	"  --json, --quiet, --output FILE, --help\n";

const char *const identify_modes[IDENTIFY_NR_MODES] = {
	[IDENTIFY_SNP] = "snp",
	[IDENTIFY_SEV_ES] = "sev-es",
	[IDENTIFY_SEV] = "sev",
};

size_t identify_job_digest_size(const struct identify_job *job)
{
	return job->x.mode == IDENTIFY_SNP ? SNP_DIGEST : SEV_DIGEST;
}

static bool base64(const char *s)
{
	size_t len = strlen(s), digits = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						   "abcdefghijklmnopqrstuvwxyz"
						   "0123456789+/");

	return len % 4 == 0 && (len == 64 || len == 44) &&
	       len - digits == strspn(s + digits, "=") && len - digits < 3;
}

static int parse_digest(const struct cmd *self, struct identify_job *job)
{
	const char *s = job->o.digest;
	size_t n = 0;

	if (!s)
		return cmd_usage(self, "--digest is missing");
	if (hex_parse(s, job->digest, SNP_DIGEST))
		n = SNP_DIGEST;
	else if (hex_parse(s, job->digest, SEV_DIGEST))
		n = SEV_DIGEST;
	else if (base64(s))
		return cmd_usage(self,
				 "--digest: '%s' looks like base64, hex "
				 "is needed",
				 s);
	else
		return cmd_usage(self,
				 "--digest: '%s' is not 48 or 32 bytes "
				 "in hex",
				 s);
	if (!job->o.mode)
		job->x.mode = n == SNP_DIGEST ? IDENTIFY_SNP : IDENTIFY_SEV_ES;
	if (n != identify_job_digest_size(job))
		return cmd_usage(self,
				 "--digest has %zu bytes, --mode %s has "
				 "digests of %zu",
				 n, job->o.mode, identify_job_digest_size(job));
	job->x.digest = job->digest;
	return OPT_DONE;
}

static int parse_mode(const struct cmd *self, struct identify_job *job)
{
	for (size_t i = 0; job->o.mode && i < IDENTIFY_NR_MODES; i++) {
		if (strcmp(job->o.mode, identify_modes[i]) == 0) {
			job->x.mode = (enum identify_mode)i;
			return OPT_DONE;
		}
	}
	if (job->o.mode)
		return cmd_usage(self,
				 "--mode: '%s' is none of snp, sev-es, "
				 "sev",
				 job->o.mode);
	return OPT_DONE;
}

static int parse_processor(const struct cmd *self, struct identify_job *job)
{
	const struct identify_options *o = &job->o;
	struct identify_expected *x = &job->x;

	if (x->mode == IDENTIFY_SEV && o->vcpus.set)
		return cmd_usage(self, "--vcpus: SEV measures none");
	if (o->vcpus.set && o->vcpus.v == 0)
		return cmd_usage(self, "--vcpus: there is at least one");
	if (o->cpu && o->sig.set)
		return cmd_usage(self, "give --cpu or --vcpu-sig, not both");
	x->vcpus = o->vcpus.set ? (size_t)o->vcpus.v : 1;
	x->sig = (uint32_t)o->sig.v;
	if (!o->sig.set &&
	    !snp_cpu_signature(o->cpu ? o->cpu : "EPYC", &x->sig))
		return cmd_usage(self,
				 "--cpu: '%s' is no known model; "
				 "--vcpu-sig takes any",
				 o->cpu);
	x->vmm = x->mode == IDENTIFY_SNP ? SNP_VMM_QEMU : SNP_VMM_LEGACY;
	if (o->vmm && !snp_vmm_parse(o->vmm, &x->vmm))
		return cmd_usage(self,
				 "--vmm: '%s' is none of qemu, legacy, "
				 "ec2, ec2-old, gce",
				 o->vmm);
	x->features = x->mode == IDENTIFY_SNP ? SNP_FEATURES_DEFAULT : 0;
	if (o->features.set)
		x->features = o->features.v;
	return OPT_DONE;
}

static int parse(const struct cmd *self, struct identify_job *job)
{
	const struct identify_options *o = &job->o;
	int code = parse_mode(self, job);

	code = code == OPT_DONE ? parse_digest(self, job) : code;
	code = code == OPT_DONE ? parse_processor(self, job) : code;
	if (code != OPT_DONE)
		return code;
	if (!o->firmware)
		return cmd_usage(self, "--firmware is missing");
	if (!o->kernel && (o->initrd || o->append || o->append_file))
		return cmd_usage(self, "--initrd and --append need --kernel");
	if (o->append && o->append_file)
		return cmd_usage(self, "give --append or --append-file, not "
				       "both");
	return OPT_DONE;
}

static int identify(struct identify_job *job)
{
	struct cmd_out out = {0};
	struct err e = {""};
	int code, rc = identify_job_load(job, &e);

	rc = rc ? rc : identify_run(job->q, &job->r, &e);
	rc = rc ? rc : identify_job_print(job, &out, &e);
	if (rc) {
		cmd_out_drop(&out);
		return cmd_fail(rc, &e);
	}
	code = out.f ? cmd_out_end(&out, &job->common) : 0;
	if (code || job->r.kind != IDENTIFY_NOTHING)
		return code;
	identify_words(job->q, &job->r, job->text);
	return cmd_fail(err_set(&e, RC_MISMATCH, "%s", job->text), &e);
}

static int run(const struct cmd *self, int argc, char **argv)
{
	static struct identify_job job; /* large */
	struct identify_options *o = &job.o;
	const struct opt table[] = {
		{"digest", OPT_STRING, &o->digest, 0},
		{"mode", OPT_STRING, &o->mode, 0},
		{"firmware", OPT_STRING, &o->firmware, 0},
		{"kernel", OPT_STRING, &o->kernel, 0},
		{"initrd", OPT_STRING, &o->initrd, 0},
		{"append", OPT_STRING, &o->append, 0},
		{"append-file", OPT_STRING, &o->append_file, 0},
		{"vcpus", OPT_NUMBER, &o->vcpus, SNP_MAX_VCPUS},
		{"cpu", OPT_STRING, &o->cpu, 0},
		{"vcpu-sig", OPT_NUMBER, &o->sig, UINT32_MAX},
		{"guest-features", OPT_NUMBER, &o->features, UINT64_MAX},
		{"vmm", OPT_STRING, &o->vmm, 0},
		{"firmware-dir", OPT_STRING, &o->folder, 0},
		{NULL, OPT_FLAG, NULL, 0},
	};
	int code =
		opt_parse(self, table, argc, argv, &job.common, NULL, 0, NULL);

	code = code == OPT_DONE ? parse(self, &job) : code;
	if (code != OPT_DONE)
		return code;
	code = identify(&job);
	identify_job_free(&job);
	return code;
}

const struct cmd cmd_identify = {
	"identify", "say what an unexpected digest is the digest of", help,
	run};
