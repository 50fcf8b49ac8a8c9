/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_snp.c: mote-measure snp, launch digests of SNP, SEV-ES and SEV. */
#include <inttypes.h>
#include <string.h>

#include "matrix.h"
#include "snp_cmd.h"

static const char help[] =
	"usage: mote-measure snp --firmware FILE --vcpus LIST --cpu LIST "
	"[OPTION]...\n\n"
	"  --mode MODE           snp, sev-es, sev, or snp:ovmf-hash (snp)\n"
	"  --firmware FILE       image that the VMM maps below 4 GiB\n"
	"  --firmware-hash HEX   digest of its pages, instead of hashing them\n"
	"  --firmware-descriptor FILE  of inspect, instead of both\n"
	"  --kernel FILE         of direct boot, with these two:\n"
	"  --initrd FILE\n"
	"  --append TEXT         any number of times: a value for each\n"
	"  --append-file FILE    the same, the bytes of a file\n" MATRIX_HELP
	"  --svsm FILE           image below the firmware and its variables\n"
	"  --vars-size BYTES     of the variables between them\n"
	"  --vars-file FILE      or a file of that size\n"
	"  --tik FILE            16 bytes: print LAUNCH_MEASURE (SEV, SEV-ES)\n"
	"  --mnonce HEX --api-version MAJOR.MINOR --build N --policy N  for "
	"it\n"
	"  --emit-hash-table FILE  write the page with the hashes\n"
	"  --trace               each page and the digest after it\n"
	"  --json, --quiet, --output FILE, --help\n";

static const struct {
	const char *name;
	enum snp_cmd_mode mode;
} modes[] = {
	{"snp", MODE_SNP},
	{"sev-es", MODE_SEV_ES},
	{"sev", MODE_SEV},
	{"snp:ovmf-hash", MODE_FIRMWARE_HASH},
};

static int parse_mode(const struct cmd *self, const char *name,
		      enum snp_cmd_mode *mode)
{
	*mode = MODE_SNP;
	if (!name)
		return OPT_DONE;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(name, modes[i].name) == 0) {
			*mode = modes[i].mode;
			return OPT_DONE;
		}
	}
	return cmd_usage(self,
			 "--mode: '%s' is none of snp, sev-es (not seves), "
			 "sev, snp:ovmf-hash (an SVSM is --svsm)",
			 name);
}

/* What counts for processors alone. */
static bool any_processor(const struct matrix_options *o)
{
	return o->vcpus || o->cpu || o->vcpu_sig || o->features || o->vmm ||
	       o->family.set || o->model.set || o->stepping.set;
}

/* What is needed for LAUNCH_MEASURE, and only for it. */
static int parse_launch(const struct cmd *self, const struct snp_options *o,
			enum snp_cmd_mode mode, struct sev_launch_measure *m)
{
	uint64_t major, minor;
	char text[16];
	const char *dot = o->api ? strchr(o->api, '.') : NULL;

	if (!o->tik) {
		if (o->mnonce.set || o->api || o->build.set || o->policy.set)
			return cmd_usage(self, "--mnonce, --api-version, "
					       "--build and --policy need "
					       "--tik");
		return OPT_DONE;
	}
	if (mode != MODE_SEV && mode != MODE_SEV_ES)
		return cmd_usage(self, "--tik is for SEV and SEV-ES");
	if (!o->mnonce.set || !dot || !o->build.set || !o->policy.set)
		return cmd_usage(self, "--tik needs --mnonce, --api-version, "
				       "--build and --policy");
	(void)snprintf(text, sizeof(text), "%.*s", (int)(dot - o->api), o->api);
	if (!opt_number(text, 255, &major) || !opt_number(dot + 1, 255, &minor))
		return cmd_usage(self, "--api-version: '%s' is not like 1.55",
				 o->api);
	m->api_major = (uint8_t)major;
	m->api_minor = (uint8_t)minor;
	m->build = (uint8_t)o->build.v;
	m->policy = (uint32_t)o->policy.v;
	memcpy(m->mnonce, o->mnonce.b, sizeof(m->mnonce));
	return OPT_DONE;
}

static int check_firmware_options(const struct cmd *self,
				  const struct snp_options *o,
				  enum snp_cmd_mode mode)
{
	if (!o->firmware == !o->descriptor)
		return cmd_usage(self, "give either --firmware or "
				       "--firmware-descriptor");
	if (o->seed.set && (o->descriptor || o->svsm || mode != MODE_SNP))
		return cmd_usage(self, "--firmware-hash goes with --firmware "
				       "and --mode snp only");
	if (o->descriptor && (o->svsm || mode != MODE_SNP))
		return cmd_usage(self, "--firmware-descriptor is for --mode "
				       "snp without --svsm");
	if (o->svsm && (mode != MODE_SNP || o->matrix.vmm))
		return cmd_usage(self, "--svsm is for --mode snp, without "
				       "--vmm");
	if ((mode == MODE_SEV || mode == MODE_FIRMWARE_HASH) &&
	    any_processor(&o->matrix))
		return cmd_usage(self,
				 "no processor counts for --mode %s: "
				 "leave out --vcpus and its like",
				 o->mode);
	if (o->svsm ? o->vars_size.set == !!o->vars_file
		    : o->vars_size.set || o->vars_file)
		return cmd_usage(self, "--svsm and one of --vars-size and "
				       "--vars-file belong together");
	return OPT_DONE;
}

static int check_kernel_options(const struct cmd *self,
				const struct snp_options *o,
				enum snp_cmd_mode mode)
{
	bool cmdline = o->append.n + o->append_file.n > 0;

	if (!o->kernel && (o->initrd || cmdline || o->emit))
		return cmd_usage(self, "--initrd, --append and "
				       "--emit-hash-table need --kernel");
	if (o->kernel && (o->svsm || mode == MODE_FIRMWARE_HASH))
		return cmd_usage(self, "--kernel is not for --svsm and not "
				       "for --mode snp:ovmf-hash");
	if (o->append.n + o->append_file.n > SNP_CMD_MAX_APPEND)
		return cmd_usage(self, "more than %d command lines",
				 SNP_CMD_MAX_APPEND);
	if (o->emit && o->append.n + o->append_file.n > 1)
		return cmd_usage(self, "--emit-hash-table needs a single "
				       "command line");
	return OPT_DONE;
}

static int parse(const struct cmd *self, struct snp_options *o,
		 struct snp_job *job)
{
	enum snp_vmm vmm;
	int code = parse_mode(self, o->mode, &job->mode);

	if (code == OPT_DONE)
		code = check_firmware_options(self, o, job->mode);
	if (code == OPT_DONE)
		code = check_kernel_options(self, o, job->mode);
	if (code == OPT_DONE)
		code = parse_launch(self, o, job->mode, &job->launch);
	if (code == OPT_DONE && o->trace && job->mode == MODE_SEV)
		return cmd_usage(self, "--trace is not for --mode sev: no "
				       "page is measured");
	if (code != OPT_DONE || job->mode == MODE_SEV ||
	    job->mode == MODE_FIRMWARE_HASH)
		return code;
	/* QEMU gives SEV-ES the old VM type unless told otherwise. */
	vmm = job->mode == MODE_SEV_ES ? SNP_VMM_LEGACY : SNP_VMM_QEMU;
	code = matrix_parse(self, &o->matrix, vmm, &job->matrix);
	if (code == OPT_DONE && o->trace &&
	    (job->mode != MODE_SNP || job->matrix.nr_cpus > 1 ||
	     job->matrix.nr_features > 1 || job->matrix.nr_vmms > 1 ||
	     o->append.n + o->append_file.n > 1))
		return cmd_usage(self, "--trace is for --mode snp and one "
				       "value of each list but --vcpus");
	return code;
}

/* What is measured all the same, but hardly meant. */
static void warn(const struct snp_options *o, const struct snp_job *job)
{
	const struct matrix *m = &job->matrix;

	if (job->mode == MODE_SEV_ES && o->matrix.features)
		cmd_warn("--guest-features does not count for SEV-ES");
	if (job->mode != MODE_SNP)
		return;
	for (size_t i = 0; i < m->nr_features; i++) {
		if (o->svsm && m->features[i] != SNP_FEATURES_DEFAULT)
			cmd_warn("--guest-features does not count: the SVSM's "
				 "processors have 0x1");
		else if (!(m->features[i] & SNP_FEATURES_DEFAULT))
			cmd_warn("--guest-features 0x%" PRIx64
				 ": bit 0, SNPActive, is off: no SNP guest "
				 "starts like that",
				 m->features[i]);
	}
}

static int run(const struct cmd *self, int argc, char **argv)
{
	static struct snp_options o; /* large */
	static struct snp_job job;
	const struct opt table[] = {
		{"mode", OPT_STRING, &o.mode, 0},
		{"firmware", OPT_STRING, &o.firmware, 0},
		{"firmware-hash", OPT_HEX, &o.seed, SNP_DIGEST},
		{"firmware-descriptor", OPT_STRING, &o.descriptor, 0},
		{"kernel", OPT_STRING, &o.kernel, 0},
		{"initrd", OPT_STRING, &o.initrd, 0},
		{"append", OPT_LIST, &o.append, 0},
		{"append-file", OPT_LIST, &o.append_file, 0},
		MATRIX_ROWS(&o.matrix),
		{"svsm", OPT_STRING, &o.svsm, 0},
		{"vars-size", OPT_SIZE, &o.vars_size, UINT32_MAX},
		{"vars-file", OPT_STRING, &o.vars_file, 0},
		{"tik", OPT_STRING, &o.tik, 0},
		{"mnonce", OPT_HEX, &o.mnonce, 16},
		{"api-version", OPT_STRING, &o.api, 0},
		{"build", OPT_NUMBER, &o.build, 255},
		{"policy", OPT_NUMBER, &o.policy, UINT32_MAX},
		{"emit-hash-table", OPT_STRING, &o.emit, 0},
		{"trace", OPT_FLAG, &o.trace, 0},
		{NULL, OPT_FLAG, NULL, 0},
	};
	struct err e = {""};
	int rc, code = opt_parse(self, table, argc, argv, &job.common, NULL, 0,
				 NULL);

	if (code == OPT_DONE)
		code = parse(self, &o, &job);
	if (code != OPT_DONE)
		return code;
	warn(&o, &job);
	job.options = &o;
	rc = snp_job_load(&job, &e);
	rc = rc ? rc : snp_job_measure(&job, &e);
	if (rc) {
		cmd_out_drop(&job.out);
		code = cmd_fail(rc, &e);
	} else {
		code = cmd_out_end(&job.out, &job.common);
	}
	snp_job_free(&job);
	return code;
}

const struct cmd cmd_snp = {
	"snp", "launch digests of SEV-SNP, SEV-ES and SEV guests", help, run};
