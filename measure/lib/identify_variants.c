/* SPDX-License-Identifier: Apache-2.0 */
/* identify_variants.c: the choices of each dimension, the expected one first.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "identify_parts.h"

#define DEBUG_SWAP (1ULL << 5)
#define ALLOWED_SEV_FEATURES (1ULL << 63)

/* SEV_FEATURES that a VMM sets or will set, each with and without bit 63. */
static const uint64_t snp_features[] = {0x1, 0x21, 0x5, 0x201, 0x221};

/* Bits that have a name; each is tried alone, too. */
static const uint8_t snp_bits[] = {0, 1, 2,  3,	 4,  5,	 6, 7,
				   8, 9, 10, 12, 14, 15, 63};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void add_features(struct identify *q, uint64_t v)
{
	size_t *n = &q->nr[IDENTIFY_FEATURES];

	for (size_t i = 0; i < *n; i++)
		if (q->features[i] == v)
			return;
	assert(*n < IDENTIFY_MAX_FEATURES);
	q->features[(*n)++] = v;
}

static void list_features(struct identify *q, uint64_t given)
{
	add_features(q, given);
	if (q->mode != IDENTIFY_SNP) {
		add_features(q, 0);
		add_features(q, DEBUG_SWAP);
		add_features(q, SNP_FEATURES_DEFAULT);
		return;
	}
	for (size_t i = 0; i < COUNT(snp_features); i++) {
		add_features(q, snp_features[i]);
		add_features(q, snp_features[i] | ALLOWED_SEV_FEATURES);
	}
	for (size_t i = 0; i < COUNT(snp_bits); i++)
		add_features(q, given ^ 1ULL << snp_bits[i]);
}

static void add_cpu(struct identify *q, uint32_t sig)
{
	size_t *n = &q->nr[IDENTIFY_CPU];

	for (size_t i = 0; i < *n; i++)
		if (q->cpus[i] == sig)
			return;
	assert(*n < IDENTIFY_MAX_CPUS);
	q->cpus[(*n)++] = sig;
}

static void list_cpus(struct identify *q, uint32_t given)
{
	const char *name;
	uint32_t sig;

	add_cpu(q, given);
	for (size_t i = 0; (name = snp_cpu_model(i)); i++)
		if (snp_cpu_signature(name, &sig))
			add_cpu(q, sig);
}

static void list_vmms(struct identify *q, enum snp_vmm given)
{
	size_t n = 0;

	q->vmms[n++] = given;
	for (int i = 0; i < SNP_NR_VMMS; i++)
		if (i != (int)given)
			q->vmms[n++] = (enum snp_vmm)i;
	q->nr[IDENTIFY_VMM] = n;
}

bool identify_measures_cpu(enum snp_vmm vmm)
{
	return vmm == SNP_VMM_QEMU || vmm == SNP_VMM_LEGACY;
}

int identify_variants(struct identify *q, const struct identify_expected *x,
		      struct err *e)
{
	bool initrd = q->has_kernel && x->initrd.n > 0;

	list_features(q, x->features);
	list_cpus(q, x->sig);
	list_vmms(q, x->vmm);
	q->nr[IDENTIFY_HASHES] = q->has_kernel ? 2 : 1;
	q->nr[IDENTIFY_INITRD] = initrd ? 3 : 1;
	q->nr[IDENTIFY_CMDLINE] = 1;
	return q->has_kernel ? identify_cmdlines(q, x->cmdline, e) : RC_OK;
}
