/* SPDX-License-Identifier: Apache-2.0 */
/* identify_words.c: what was found, in words. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "identify_parts.h"

/* A text in the making; what does not fit is cut off. */
struct text {
	char *p;
	size_t n;
};

static void put(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void put(struct text *t, const char *fmt, ...)
{
	char *p = t->p + t->n;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(p, IDENTIFY_TEXT - t->n, fmt, ap);
	va_end(ap);
	/* File names must not drive a terminal. */
	for (; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	t->n = (size_t)(p - t->p);
}

static struct text text_of(char out[IDENTIFY_TEXT])
{
	out[0] = '\0';
	return (struct text){out, 0};
}

static const char *const dimension_names[IDENTIFY_NR] = {
	[IDENTIFY_FIRMWARE] = "firmware",
	[IDENTIFY_HASHES] = "kernel_hashes",
	[IDENTIFY_CMDLINE] = "command_line",
	[IDENTIFY_INITRD] = "initrd",
	[IDENTIFY_VMM] = "vmm",
	[IDENTIFY_CPU] = "cpu",
	[IDENTIFY_FEATURES] = "guest_features",
	[IDENTIFY_VCPUS] = "vcpus",
	[IDENTIFY_ORDER] = "byte_order",
};

const char *identify_dimension_name(enum identify_dimension d)
{
	return dimension_names[d];
}

size_t identify_choices(const struct identify *q, enum identify_dimension d)
{
	return d < IDENTIFY_NR_CHOICES ? q->nr[d] : 0;
}

size_t identify_max_vcpus(const struct identify *q)
{
	return q->max_vcpus;
}

size_t identify_expected_choice(const struct identify *q,
				enum identify_dimension d)
{
	return d == IDENTIFY_VCPUS ? q->vcpus : 0;
}

static void put_cpu(struct text *t, uint32_t sig)
{
	uint32_t of = 0;
	const char *name;

	for (size_t i = 0; (name = snp_cpu_model(i)); i++) {
		if (snp_cpu_signature(name, &of) && of == sig) {
			put(t, "%s (0x%08" PRIx32 ")", name, sig);
			return;
		}
	}
	put(t, "0x%08" PRIx32, sig);
}

static const char *const initrds[] = {
	[0] = "as given",
	[INITRD_LEFT_OUT] = "left out",
	[INITRD_EXCHANGED] = "exchanged with the kernel",
};

void identify_choice(const struct identify *q, enum identify_dimension d,
		     size_t choice, char out[IDENTIFY_TEXT])
{
	struct text t = text_of(out);

	switch (d) {
	case IDENTIFY_FIRMWARE:
		put(&t, "%s", q->firmware[choice]->name);
		if (q->firmware[choice]->cut)
			put(&t, " without its variable store");
		break;
	case IDENTIFY_HASHES:
		put(&t, "%s", choice || !q->has_kernel ? "off" : "on");
		break;
	case IDENTIFY_CMDLINE:
		put(&t, "%s",
		    q->has_kernel ? q->cmdlines[choice].name : "none");
		break;
	case IDENTIFY_INITRD:
		put(&t, "%s", q->nr[d] > 1 ? initrds[choice] : "none");
		break;
	case IDENTIFY_VMM:
		put(&t, "%s", snp_vmm_name(q->vmms[choice]));
		break;
	case IDENTIFY_CPU:
		put_cpu(&t, q->cpus[choice]);
		break;
	case IDENTIFY_FEATURES:
		put(&t, "0x%" PRIx64, q->features[choice]);
		break;
	case IDENTIFY_ORDER:
		put(&t, "%s", choice ? "reversed" : "as given");
		break;
	default:
		put(&t, "%zu", choice);
	}
}

/* SEV_FEATURES, AMD 24593, table B-4. */
static const struct {
	uint8_t bit;
	const char *name;
} bits[] = {
	{0, "SNPActive"},
	{1, "vTOM"},
	{2, "ReflectVC"},
	{3, "RestrictedInjection"},
	{4, "AlternateInjection"},
	{5, "DebugSwap"},
	{6, "PreventHostIBS"},
	{7, "BTBIsolation"},
	{8, "VmplSSS"},
	{9, "SecureTSC"},
	{10, "VmgexitParameter"},
	{12, "IbsVirtualization"},
	{14, "VmsaRegProt"},
	{15, "SmtProtection"},
	{63, "AllowedSevFeatures"},
};

static void put_features(struct text *t, uint64_t found, uint64_t expected)
{
	const char *sep = " (";

	put(t, "with guest features 0x%" PRIx64 " instead of 0x%" PRIx64, found,
	    expected);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		uint64_t bit = 1ULL << bits[i].bit;

		if (!((found ^ expected) & bit))
			continue;
		put(t, "%s%s %s", sep, bits[i].name,
		    found & bit ? "on" : "off");
		sep = ", ";
	}
	if (sep[0] == ',')
		put(t, ")");
}

static void put_vmm(struct text *t, const struct identify *q,
		    enum snp_vmm found, enum snp_vmm expected)
{
	bool snp = q->mode == IDENTIFY_SNP;

	if (found == SNP_VMM_LEGACY && expected == SNP_VMM_QEMU)
		put(t, "%s",
		    snp ? "with QEMU's legacy FPU state (host kernel before "
			  "6.10)"
			: "with QEMU's legacy VM type (FPU state left zero)");
	else if (found == SNP_VMM_QEMU && expected == SNP_VMM_LEGACY)
		put(t, "%s",
		    snp ? "with QEMU's initialised FPU state (host kernel "
			  "6.10 or later)"
			: "without QEMU's legacy VM type (FPU state "
			  "initialised)");
	else
		put(t, "with the processor state of %s instead of %s",
		    snp_vmm_name(found), snp_vmm_name(expected));
}

static void put_count(struct text *t, size_t n)
{
	if (n == 0)
		put(t, "no vCPU");
	else
		put(t, "%zu vCPU%s", n, n == 1 ? "" : "s");
}

static void put_vcpus(struct text *t, const struct identify *q, size_t found)
{
	if (q->mode == IDENTIFY_SEV_ES && found == 0) {
		put(t, "of SEV instead of SEV-ES");
		return;
	}
	put(t, "of %s", q->mode == IDENTIFY_SEV ? "SEV-ES with " : "");
	put_count(t, found);
	put(t, " instead of ");
	if (q->mode == IDENTIFY_SEV)
		put(t, "SEV");
	else
		put(t, "%zu", q->vcpus);
}

static void put_firmware(struct text *t, const struct identify_firmware *f)
{
	if (f->cut)
		put(t,
		    "the firmware was measured without its variable store "
		    "(the first 0x%zx bytes)",
		    f->cut);
	else
		put(t, "the firmware was %s", f->name);
}

bool identify_difference(const struct identify *q,
			 const struct identify_result *r,
			 enum identify_dimension d, char out[IDENTIFY_TEXT])
{
	struct text t = text_of(out);
	size_t i = r->at[d];

	if (r->kind != IDENTIFY_VARIANT || i == identify_expected_choice(q, d))
		return false;
	switch (d) {
	case IDENTIFY_FIRMWARE:
		put_firmware(&t, q->firmware[i]);
		break;
	case IDENTIFY_HASHES:
		put(&t, "kernel hashes were off (kernel-hashes=off)");
		break;
	case IDENTIFY_CMDLINE:
		put(&t, "%s", q->cmdlines[i].words);
		break;
	case IDENTIFY_INITRD:
		put(&t, "%s",
		    i == INITRD_LEFT_OUT ? "the initrd was left out"
					 : "kernel and initrd were exchanged");
		break;
	case IDENTIFY_VMM:
		put_vmm(&t, q, q->vmms[i], q->vmms[0]);
		break;
	case IDENTIFY_CPU:
		put(&t, "with CPU ");
		put_cpu(&t, q->cpus[i]);
		put(&t, " instead of ");
		put_cpu(&t, q->cpus[0]);
		break;
	case IDENTIFY_FEATURES:
		put_features(&t, q->features[i], q->features[0]);
		break;
	case IDENTIFY_VCPUS:
		put_vcpus(&t, q, i);
		break;
	default:
		put(&t, "the digest is given with its bytes in reverse order");
	}
	return true;
}

/* Clauses with "of" or "with" first, then those that stand alone. */
static void put_variant(struct text *t, const struct identify *q,
			const struct identify_result *r)
{
	static const enum identify_dimension order[IDENTIFY_NR] = {
		IDENTIFY_VCPUS,	   IDENTIFY_VMM,      IDENTIFY_CPU,
		IDENTIFY_FEATURES, IDENTIFY_HASHES,   IDENTIFY_CMDLINE,
		IDENTIFY_INITRD,   IDENTIFY_FIRMWARE, IDENTIFY_ORDER,
	};
	const char *first = "this is the digest ", *sep = "";
	char clause[IDENTIFY_TEXT];

	for (size_t i = 0; i < IDENTIFY_NR; i++) {
		bool noun = i < 4;

		if (!identify_difference(q, r, order[i], clause))
			continue;
		if (t->n > 0)
			sep = noun ? ", " : "; ";
		put(t, "%s%s%s", sep, noun && t->n == 0 ? first : "", clause);
	}
}

void identify_words(const struct identify *q, const struct identify_result *r,
		    char out[IDENTIFY_TEXT])
{
	struct text t = text_of(out);

	switch (r->kind) {
	case IDENTIFY_EXPECTED:
		put(&t, "the digest is exactly the expected one");
		break;
	case IDENTIFY_VARIANT:
		put_variant(&t, q, r);
		break;
	case IDENTIFY_OTHER:
		put(&t, "this is no launch digest, but %s", r->other);
		break;
	default:
		put(&t,
		    "the digest is none of the %" PRIu64
		    " that were tried; another kernel, initrd, command line "
		    "or firmware cannot be found: compare their sha256",
		    r->tried);
	}
}
