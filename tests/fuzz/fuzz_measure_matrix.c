/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_measure_matrix.c: lists of vCPUs, CPUs, features and VMMs.
 *
 * One line each: --vcpus, --cpu, --vcpu-sig, --guest-features, --vmm; a line
 * that is not there is an option that is not given. Mode bit 0x10: the CPU is
 * given in parts.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fuzz_measure.h"
#include "matrix.h"

enum { MAX_TEXT = 4096, MAX_VALUES = 64 };

static struct err said;

int __wrap_cmd_usage(const struct cmd *self, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

int __wrap_cmd_usage(const struct cmd *self, const char *fmt, ...)
{
	char text[sizeof(said.msg)];
	va_list ap;

	MUST(self);
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&said, RC_FORMAT, "%s", text);
	return 2;
}

static char *line(char **text)
{
	return *text ? strsep(text, "\n") : NULL;
}

struct values {
	uint64_t vcpus[MAX_VALUES];
	uint8_t digest[MAX_VALUES][SNP_DIGEST];
	size_t n;
};

static int emit(void *arg, const struct matrix_value *v, struct err *e)
{
	struct values *all = arg;

	(void)e;
	MUST(all->n < MAX_VALUES && v->len == SNP_DIGEST);
	all->vcpus[all->n] = v->vcpus;
	memcpy(all->digest[all->n++], v->digest, SNP_DIGEST);
	return RC_OK;
}

static void chain(struct run *r, const struct matrix *m)
{
	struct matrix_value v = {.cpu = &m->cpus[0],
				 .features = m->features[0],
				 .vmm = m->vmms[0]};
	struct snp_launch l = {.sha384 = NULL};
	struct values all = {.n = 0};
	struct err e = {""};

	l.sha384 = hash_new(SHA384_SIZE, &e);
	if (step(r, l.sha384 ? RC_OK : RC_IO, &e, "hash"))
		return;
	MUST(!matrix_chain(m, &l, 0, 0x80b004, v, emit, &all, &e));
	MUST(all.n == m->nr_vcpus);
	if (!step(r, hash_check(l.sha384, &e), &e, "digests")) {
		gives(r, all.vcpus, all.n * sizeof(all.vcpus[0]));
		gives(r, all.digest, all.n * sizeof(all.digest[0]));
	}
	hash_free(l.sha384);
}

void one(struct run *r)
{
	static const struct cmd self = {.name = "fuzz"};
	static struct matrix m;
	char text[MAX_TEXT], *at = text;
	struct matrix_options o = {.vcpus = NULL};
	int code;

	if (r->n >= sizeof(text))
		return;
	memcpy(text, r->p, r->n);
	text[r->n] = '\0';
	o.vcpus = line(&at);
	o.cpu = line(&at);
	o.vcpu_sig = line(&at);
	o.features = line(&at);
	o.vmm = line(&at);
	if (r->mode & 0x10)
		o.family = o.model = o.stepping =
			(struct opt_number){.set = true, .v = r->n % 16};
	code = matrix_parse(&self, &o, SNP_VMM_QEMU, &m);
	MUST(code == OPT_DONE || code == 2);
	if (step(r, code == 2 ? RC_FORMAT : RC_OK, &said, "parse"))
		return;
	gives(r, m.vcpus, sizeof(m.vcpus));
	gives(r, m.cpus, m.nr_cpus * sizeof(m.cpus[0]));
	gives(r, m.features, m.nr_features * sizeof(m.features[0]));
	gives(r, m.vmms, m.nr_vmms * sizeof(m.vmms[0]));
	MUST(m.nr_cpus > 0 && m.nr_cpus <= MATRIX_MAX && m.nr_features > 0 &&
	     m.nr_vmms > 0 && m.nr_vcpus > 0);
	if (m.max_vcpus <= MAX_VALUES)
		chain(r, &m);
}
