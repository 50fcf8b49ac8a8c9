/* SPDX-License-Identifier: Apache-2.0 */
/* matrix.h: lists of processors, and a digest for each of their shapes. */
#ifndef MOTE_MATRIX_H
#define MOTE_MATRIX_H

#include "cmd.h"
#include "snp.h"

enum { MATRIX_MAX = 64 }; /* of CPUs and of feature values */

/* The options, as given; NULL where one is absent. */
struct matrix_options {
	const char *vcpus, *cpu, *vcpu_sig, *features, *vmm;
	struct opt_number family, model, stepping;
};

/* The rows of an option table that fill o. */
#define MATRIX_ROWS(o)                                                         \
	{"vcpus", OPT_STRING, &(o)->vcpus, 0},                                 \
		{"cpu", OPT_STRING, &(o)->cpu, 0},                             \
		{"vcpu-sig", OPT_STRING, &(o)->vcpu_sig, 0},                   \
		{"vcpu-family", OPT_NUMBER, &(o)->family, 270},                \
		{"vcpu-model", OPT_NUMBER, &(o)->model, 255},                  \
		{"vcpu-stepping", OPT_NUMBER, &(o)->stepping, 15},             \
		{"guest-features", OPT_STRING, &(o)->features, 0},             \
	{                                                                      \
		"vmm", OPT_STRING, &(o)->vmm, 0                                \
	}

/* Their part of a help text. */
#define MATRIX_HELP                                                            \
	"  --vcpus LIST          vCPUs at launch: 4, 1-64, 1,2,8-16\n"         \
	"  --cpu LIST            QEMU CPU models: EPYC-Milan,EPYC-Genoa-v2\n"  \
	"  --vcpu-sig LIST       or CPUID leaf 1 EAX: 0x00a00f11\n"            \
	"  --vcpu-family N --vcpu-model N --vcpu-stepping N  or its parts\n"   \
	"  --guest-features LIST SEV_FEATURES (0x1)\n"                         \
	"  --vmm LIST            qemu, legacy, ec2, ec2-old, gce\n"

struct matrix_cpu {
	char name[32]; /* of the model; "" for a signature */
	uint32_t sig;
};

struct matrix {
	bool vcpus[SNP_MAX_VCPUS + 1];
	size_t max_vcpus, nr_vcpus;
	struct matrix_cpu cpus[MATRIX_MAX];
	size_t nr_cpus; /* at least one */
	uint64_t features[MATRIX_MAX];
	size_t nr_features;
	enum snp_vmm vmms[SNP_NR_VMMS];
	size_t nr_vmms;
	int cpu_width, features_width; /* columns of the table */
};

/*
 * Fills m; default_vmm counts where no --vmm is given. Returns OPT_DONE, or 2
 * after it has printed the fault.
 */
int matrix_parse(const struct cmd *self, const struct matrix_options *o,
		 enum snp_vmm default_vmm, struct matrix *m);

/* One value. digest has SNP_DIGEST bytes, or SEV_DIGEST for the other modes. */
struct matrix_value {
	const uint8_t *digest;
	size_t vcpus, len;
	const struct matrix_cpu *cpu;
	uint64_t features;
	enum snp_vmm vmm;
	bool svsm;     /* no vmm: all processors start in an SVSM */
	size_t append; /* index of the command line */
};

/* Called for each value; anything but RC_OK ends the walk. */
typedef int matrix_emit(void *arg, const struct matrix_value *v, struct err *e);

/*
 * Continues the launch digest at (firmware, sections and, unless it is zero
 * vCPUs already, done_vcpus) with the processors of v's vmm, cpu and features,
 * and emits each wanted count above done_vcpus.
 */
int matrix_chain(const struct matrix *m, const struct snp_launch *at,
		 size_t done_vcpus, uint32_t ap_eip, struct matrix_value v,
		 matrix_emit *emit, void *arg, struct err *e);

/*
 * The table for people: its head, one line; the digest alone; one object of
 * the JSON.
 */
void matrix_head(FILE *f, const struct matrix *m, bool with_append);
void matrix_print(FILE *f, const struct matrix *m, const struct matrix_value *v,
		  bool with_append);
void matrix_quiet(FILE *f, const struct matrix_value *v);
json_t *matrix_json(const struct matrix_value *v);

/* What a vmm stands for, in words. */
const char *matrix_vmm_text(enum snp_vmm vmm);

#endif
