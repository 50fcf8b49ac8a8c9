/* SPDX-License-Identifier: Apache-2.0 */
/* matrix.c: lists of processors, and a digest for each of their shapes. */
#include <inttypes.h>
#include <string.h>

#include "hex.h"
#include "matrix.h"

enum { MAX_ITEM = 32 };

/* Cuts the next item off a list; false at its end. *fault: empty or long. */
static bool next(const char **list, char item[MAX_ITEM], bool *fault)
{
	size_t len;

	if (!*list)
		return false;
	len = strcspn(*list, ",");
	*fault = len == 0 || len >= MAX_ITEM;
	if (len >= MAX_ITEM)
		len = MAX_ITEM - 1;
	memcpy(item, *list, len);
	item[len] = '\0';
	*list += strcspn(*list, ",");
	*list = **list ? *list + 1 : NULL;
	return true;
}

/* "7" or "1-512" */
static bool range(const char *item, uint64_t *from, uint64_t *to)
{
	char first[MAX_ITEM];
	size_t len = strcspn(item, "-");

	memcpy(first, item, len);
	first[len] = '\0';
	if (!opt_number(first, SNP_MAX_VCPUS, from))
		return false;
	*to = *from;
	if (item[len] == '-' && !opt_number(item + len + 1, SNP_MAX_VCPUS, to))
		return false;
	return *from > 0 && *from <= *to;
}

static int parse_vcpus(const struct cmd *self, const char *list,
		       struct matrix *m)
{
	char item[MAX_ITEM];
	uint64_t from, to;
	bool fault;

	while (next(&list, item, &fault)) {
		if (fault || !range(item, &from, &to))
			return cmd_usage(self,
					 "--vcpus: '%s' is no number or range "
					 "from 1 to %d",
					 item, SNP_MAX_VCPUS);
		for (uint64_t i = from; i <= to; i++) {
			m->nr_vcpus += !m->vcpus[i];
			m->vcpus[i] = true;
		}
		if (to > m->max_vcpus)
			m->max_vcpus = (size_t)to;
	}
	return OPT_DONE;
}

static int add_cpu(const struct cmd *self, struct matrix *m, const char *name,
		   uint32_t sig)
{
	struct matrix_cpu *c = &m->cpus[m->nr_cpus];

	if (m->nr_cpus == MATRIX_MAX)
		return cmd_usage(self, "more than %d CPUs", MATRIX_MAX);
	(void)snprintf(c->name, sizeof(c->name), "%s", name); /* it fits */
	c->sig = sig;
	m->nr_cpus++;
	return OPT_DONE;
}

static int parse_models(const struct cmd *self, const char *list,
			struct matrix *m)
{
	char item[MAX_ITEM];
	uint32_t sig;
	bool fault;
	int code = OPT_DONE;

	while (code == OPT_DONE && next(&list, item, &fault)) {
		if (fault || !snp_cpu_signature(item, &sig))
			return cmd_usage(self,
					 "--cpu: '%s' is none of EPYC, "
					 "EPYC-Rome, -Milan, -Genoa, -Turin, "
					 "-IBPB: give CPUID leaf 1 EAX of the "
					 "guest by --vcpu-sig",
					 item);
		code = add_cpu(self, m, item, sig);
	}
	return code;
}

static int parse_signatures(const struct cmd *self, const char *list,
			    struct matrix *m)
{
	char item[MAX_ITEM];
	uint64_t sig;
	bool fault;
	int code = OPT_DONE;

	while (code == OPT_DONE && next(&list, item, &fault)) {
		if (fault || !opt_number(item, UINT32_MAX, &sig))
			return cmd_usage(self,
					 "--vcpu-sig: '%s' is no number of 32 "
					 "bits",
					 item);
		code = add_cpu(self, m, "", (uint32_t)sig);
	}
	return code;
}

static int parse_parts(const struct cmd *self, const struct matrix_options *o,
		       struct matrix *m)
{
	uint32_t sig;

	if (!o->family.set && !o->model.set && !o->stepping.set)
		return OPT_DONE;
	if (!o->family.set || !o->model.set || !o->stepping.set ||
	    !snp_cpu_pack((uint32_t)o->family.v, (uint32_t)o->model.v,
			  (uint32_t)o->stepping.v, &sig))
		return cmd_usage(self, "--vcpu-family, --vcpu-model and "
				       "--vcpu-stepping belong together");
	return add_cpu(self, m, "", sig);
}

static int parse_features(const struct cmd *self, const char *list,
			  struct matrix *m)
{
	char item[MAX_ITEM];
	bool fault;

	while (next(&list, item, &fault)) {
		if (m->nr_features == MATRIX_MAX)
			return cmd_usage(self, "more than %d feature values",
					 MATRIX_MAX);
		if (fault || !opt_number(item, UINT64_MAX,
					 &m->features[m->nr_features++]))
			return cmd_usage(self,
					 "--guest-features: '%s' is no number "
					 "of 64 bits",
					 item);
	}
	return OPT_DONE;
}

static int parse_vmms(const struct cmd *self, const char *list,
		      struct matrix *m)
{
	char item[MAX_ITEM];
	bool fault;

	while (next(&list, item, &fault)) {
		if (m->nr_vmms == SNP_NR_VMMS)
			return cmd_usage(self, "--vmm: more than %d",
					 (int)SNP_NR_VMMS);
		if (fault || !snp_vmm_parse(item, &m->vmms[m->nr_vmms++]))
			return cmd_usage(self,
					 "--vmm: '%s' is none of qemu, legacy, "
					 "ec2, ec2-old, gce",
					 item);
	}
	return OPT_DONE;
}

/* Whether any of the VMMs puts the signature into the VMSA. */
static bool needs_cpu(const struct matrix *m)
{
	for (size_t i = 0; i < m->nr_vmms; i++)
		if (m->vmms[i] == SNP_VMM_QEMU || m->vmms[i] == SNP_VMM_LEGACY)
			return true;
	return false;
}

/* "EPYC-Milan", or the signature where there is no name. */
static const char *cpu_text(const struct matrix_cpu *c, char buf[16])
{
	if (c->name[0])
		return c->name;
	(void)snprintf(buf, 16, "0x%08" PRIx32, c->sig); /* it fits */
	return buf;
}

/* Widths of the columns of which a list may have longer entries. */
static void set_widths(struct matrix *m)
{
	char buf[24];

	m->cpu_width = m->features_width = 8;
	for (size_t i = 0; i < m->nr_cpus; i++) {
		int n = (int)strlen(cpu_text(&m->cpus[i], buf));

		m->cpu_width = n > m->cpu_width ? n : m->cpu_width;
	}
	for (size_t i = 0; i < m->nr_features; i++) {
		int n = snprintf(buf, sizeof(buf), "0x%" PRIx64,
				 m->features[i]);

		m->features_width =
			n > m->features_width ? n : m->features_width;
	}
}

int matrix_parse(const struct cmd *self, const struct matrix_options *o,
		 enum snp_vmm default_vmm, struct matrix *m)
{
	int code;

	*m = (struct matrix){0};
	if (!o->vcpus)
		return cmd_usage(self, "--vcpus is missing: the number of "
				       "vCPUs changes the digest");
	code = parse_vcpus(self, o->vcpus, m);
	if (code == OPT_DONE)
		code = parse_models(self, o->cpu, m);
	if (code == OPT_DONE)
		code = parse_signatures(self, o->vcpu_sig, m);
	if (code == OPT_DONE)
		code = parse_parts(self, o, m);
	if (code == OPT_DONE)
		code = parse_features(self, o->features ? o->features : "0x1",
				      m);
	if (code == OPT_DONE)
		code = parse_vmms(
			self, o->vmm ? o->vmm : snp_vmm_name(default_vmm), m);
	if (code == OPT_DONE && m->nr_cpus == 0 && needs_cpu(m))
		return cmd_usage(self, "--cpu or --vcpu-sig is missing: the "
				       "CPU model changes the digest");
	if (code == OPT_DONE && m->nr_cpus == 0)
		code = add_cpu(self, m, "", 0);
	set_widths(m);
	return code;
}

int matrix_chain(const struct matrix *m, const struct snp_launch *at,
		 size_t done_vcpus, uint32_t ap_eip, struct matrix_value v,
		 matrix_emit *emit, void *arg, struct err *e)
{
	const struct snp_vcpu bsp = {v.vmm, SNP_BSP_EIP, v.cpu->sig,
				     v.features};
	struct snp_launch l = *at;
	struct snp_vmsas vmsas;
	int rc = RC_OK;

	snp_vmsas(l.sha384, &bsp, ap_eip, &vmsas);
	v.digest = l.digest;
	v.len = SNP_DIGEST;
	for (size_t i = done_vcpus; !rc && i < m->max_vcpus; i++) {
		snp_add_vcpu(&l, &vmsas, i);
		v.vcpus = i + 1;
		if (m->vcpus[i + 1])
			rc = emit(arg, &v, e);
	}
	return rc;
}

void matrix_head(FILE *f, const struct matrix *m, bool with_append)
{
	fprintf(f, "vcpus %-*s %-*s vmm     %sdigest\n", m->cpu_width, "cpu",
		m->features_width, "features", with_append ? "append " : "");
}

static const char *vmm_name(const struct matrix_value *v)
{
	return v->svsm ? "svsm" : snp_vmm_name(v->vmm);
}

void matrix_print(FILE *f, const struct matrix *m, const struct matrix_value *v,
		  bool with_append)
{
	char cpu[16], features[24];

	(void)snprintf(features, sizeof(features), "0x%" PRIx64, v->features);
	fprintf(f, "%-5zu %-*s %-*s %-7s ", v->vcpus, m->cpu_width,
		cpu_text(v->cpu, cpu), m->features_width, features,
		vmm_name(v));
	if (with_append)
		fprintf(f, "%-6zu ", v->append + 1);
	matrix_quiet(f, v);
}

void matrix_quiet(FILE *f, const struct matrix_value *v)
{
	char hex[2 * SNP_DIGEST + 1];

	hex_format(v->digest, v->len, hex);
	fprintf(f, "%s\n", hex);
}

json_t *matrix_json(const struct matrix_value *v)
{
	json_t *j =
		json_pack("{s:o}", "digest", cmd_json_hex(v->digest, v->len));

	if (!j || v->vcpus == 0) /* SEV */
		return j;
	if (json_object_set_new(j, "vcpus", json_integer((int)v->vcpus)) ||
	    (v->cpu->name[0] &&
	     json_object_set_new(j, "cpu", json_string(v->cpu->name))) ||
	    json_object_set_new(j, "vcpu_sig",
				json_sprintf("0x%08" PRIx32, v->cpu->sig)) ||
	    json_object_set_new(j, "guest_features",
				cmd_json_number(v->features)) ||
	    json_object_set_new(j, "vmm", json_string(vmm_name(v)))) {
		json_decref(j);
		return NULL;
	}
	return j;
}

const char *matrix_vmm_text(enum snp_vmm vmm)
{
	switch (vmm) {
	case SNP_VMM_QEMU:
		return "QEMU on KVM that initialises the FPU (Linux 6.10)";
	case SNP_VMM_LEGACY:
		return "QEMU, FPU state zero (KVM before 6.10, or VM type of "
		       "SEV-ES)";
	case SNP_VMM_EC2:
		return "Amazon EC2, rdx 0x600";
	case SNP_VMM_EC2_OLD:
		return "Amazon EC2, rdx 0";
	default:
		return "Google Compute Engine";
	}
}
