/* SPDX-License-Identifier: Apache-2.0 */
/* snp_cpu.c: CPUID signatures of QEMU's CPU models. */
#include <string.h>
#include <strings.h>

#include "snp.h"

/*
 * QEMU target/i386/cpu.c, family, model and stepping of each. No version of a
 * model changes them. The first of each signature stands for all of them.
 */
static const struct {
	const char *name;
	uint32_t sig;
} models[] = {
	{"EPYC", 0x00800f12},	    /* 23/1/2, Naples */
	{"EPYC-Rome", 0x00830f10},  /* 23/49/0 */
	{"EPYC-Milan", 0x00a00f11}, /* 25/1/1 */
	{"EPYC-Genoa", 0x00a10f10}, /* 25/17/0 */
	{"EPYC-Turin", 0x00b00f00}, /* 26/0/0 */
	{"EPYC-IBPB", 0x00800f12},
};

/* Length of name without "-v" and digits at its end. */
static size_t unversioned(const char *name)
{
	size_t len = strlen(name), end = len;

	while (end > 0 && name[end - 1] >= '0' && name[end - 1] <= '9')
		end--;
	if (end < len && end > 2 && name[end - 2] == '-' &&
	    (name[end - 1] == 'v' || name[end - 1] == 'V'))
		return end - 2;
	return len;
}

bool snp_cpu_signature(const char *model, uint32_t *sig)
{
	size_t len = unversioned(model);

	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		if (strlen(models[i].name) == len &&
		    strncasecmp(model, models[i].name, len) == 0) {
			*sig = models[i].sig;
			return true;
		}
	}
	return false;
}

const char *snp_cpu_model(size_t i)
{
	return i < sizeof(models) / sizeof(models[0]) ? models[i].name : NULL;
}

/* AMD 24594, CPUID Fn0000_0001_EAX. */
bool snp_cpu_pack(uint32_t family, uint32_t model, uint32_t stepping,
		  uint32_t *sig)
{
	uint32_t base = family > 15 ? 15 : family;
	uint32_t extended = family - base;

	if (extended > 0xff || model > 0xff || stepping > 0xf)
		return false;
	*sig = extended << 20 | (model >> 4) << 16 | base << 8 |
	       (model & 15) << 4 | stepping;
	return true;
}
