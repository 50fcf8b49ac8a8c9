/* SPDX-License-Identifier: Apache-2.0 */
/*
 * igvm_check.c: what a guest needs, and what QEMU and KVM do not take over.
 *
 * QEMU cannot hand a VMSA to KVM: it copies the fields it knows into the vCPU
 * (target/i386/sev.c, sev_apply_cpu_context) and refuses a VMSA with any other
 * field set (check_vmsa_supported). KVM then writes the VMSA that is measured
 * (arch/x86/kvm/svm/sev.c, sev_es_sync_vmsa) and corrects some bits on the
 * way. A file in which those differ holds a digest that no guest gets.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "igvm_parse.h"

/* What QEMU copies: half-open ranges of the VMSA, AMD 24593 table B-4. */
static const struct {
	uint16_t begin, end;
} synced[] = {
	{0x000, 0x0a0}, /* es cs ss ds fs gs gdtr ldtr idtr tr */
	{0x0d0, 0x0d8}, /* efer */
	{0x148, 0x180}, /* cr4 cr3 cr0 dr7 dr6 rflags rip */
	{0x1d8, 0x1e0}, /* rsp */
	{0x1f8, 0x200}, /* rax */
	{0x268, 0x270}, /* g_pat */
	{0x308, 0x320}, /* rcx rdx rbx */
	{0x328, 0x380}, /* rbp rsi rdi r8..r15 */
	{0x3b0, 0x3b8}, /* sev_features */
	{0x3e8, 0x3f0}, /* xcr0 */
	{0x408, 0x40c}, /* mxcsr */
	{0x410, 0x412}, /* x87_fcw */
};
enum { NR_SYNCED = sizeof(synced) / sizeof(synced[0]) };

#define ALL UINT64_MAX
/* Bits that have to have a certain value. */
static const struct field {
	const char *name;
	uint16_t at, size;
	uint64_t bits, value;
	const char *why;
} fields[] = {
	{"sev_features", 0x3b0, 8, 1, 1, "SNPActive is bit 0"},
	{"mxcsr", 0x408, 4, ALL, 0x1f80, "KVM keeps its own"},
	{"x87_fcw", 0x410, 2, ALL, 0x37f, "KVM keeps its own"},
	{"cr0", 0x158, 8, 0x60000000, 0, "KVM clears CD and NW"},
	{"cr4", 0x148, 8, 0x40, 0x40, "KVM sets MCE"},
	{"efer", 0x0d0, 8, 0x1000, 0x1000, "KVM sets SVME"},
	{"rflags", 0x170, 8, 2, 2, "KVM sets bit 1"},
	{"dr7", 0x160, 8, ALL, 0x400, "KVM does not start with breakpoints"},
	{"xcr0", 0x3e8, 8, 1, 1, "the x87 state cannot be off"},
	{"ss.attrib", 0x022, 2, 0x60, 0, "KVM puts its DPL into cpl"},
	{"gdtr.selector and attrib", 0x060, 4, ALL, 0, "KVM has no such field"},
	{"gdtr.limit", 0x064, 4, 0xffff0000, 0, "KVM has 16 bits"},
	{"idtr.selector and attrib", 0x080, 4, ALL, 0, "KVM has no such field"},
	{"idtr.limit", 0x084, 4, 0xffff0000, 0, "KVM has 16 bits"},
	{"es.attrib", 0x002, 2, 0xf000, 0, "KVM has 12 bits"},
	{"cs.attrib", 0x012, 2, 0xf000, 0, "KVM has 12 bits"},
	{"ss.attrib", 0x022, 2, 0xf000, 0, "KVM has 12 bits"},
	{"ds.attrib", 0x032, 2, 0xf000, 0, "KVM has 12 bits"},
	{"fs.attrib", 0x042, 2, 0xf000, 0, "KVM has 12 bits"},
	{"gs.attrib", 0x052, 2, 0xf000, 0, "KVM has 12 bits"},
	{"ldtr.attrib", 0x072, 2, 0xf000, 0, "KVM has 12 bits"},
	{"tr.attrib", 0x092, 2, 0xf000, 0, "KVM has 12 bits"},
};
enum {
	NR_FIELDS = sizeof(fields) / sizeof(fields[0]),
	LDTR_BASE = 0x78,
	TR_BASE = 0x98,
	SEV_FEATURES = 0x3b0,
};

static uint64_t get(const struct igvm *g, size_t vcpu, size_t at, size_t size)
{
	struct rd all = rd_of(g->file, g->size);
	struct rd r = rd_sub(&all, (uint64_t)g->vmsa[vcpu] + at, size);

	return size == 8 ? rd_le64(&r) : size == 4 ? rd_le32(&r) : rd_le16(&r);
}

uint64_t igvm_snp_features(const struct igvm *g)
{
	return get(g, 0, SEV_FEATURES, 8);
}

static int check_unsynced(const struct igvm *g, size_t vcpu, struct err *e)
{
	struct rd all = rd_of(g->file, g->size);
	struct rd page = rd_sub(&all, g->vmsa[vcpu], SNP_PAGE);
	size_t at = 0;

	for (size_t i = 0; i <= NR_SYNCED; i++) {
		size_t end = i < NR_SYNCED ? synced[i].begin : SNP_PAGE;

		for (; at < end; at++) {
			uint8_t v = rd_u8(&page);

			if (v != 0)
				return err_set(e, RC_UNSUPPORTED,
					       "offset 0x%" PRIx32
					       ": VMSA of vCPU %zu: byte "
					       "0x%03zx is 0x%02x: QEMU "
					       "refuses what it does not hand "
					       "to KVM",
					       g->vmsa_at[vcpu], vcpu, at, v);
		}
		if (i < NR_SYNCED) {
			at = synced[i].end;
			rd_seek(&page, at);
		}
	}
	return RC_OK;
}

static int check_vmsa(const struct igvm *g, size_t vcpu, struct err *e)
{
	uint64_t ldtr = get(g, vcpu, LDTR_BASE, 8);
	uint64_t tr = get(g, vcpu, TR_BASE, 8);
	uint64_t features = get(g, vcpu, SEV_FEATURES, 8);
	int rc = check_unsynced(g, vcpu, e);

	for (size_t i = 0; !rc && i < NR_FIELDS; i++) {
		const struct field *f = &fields[i];
		uint64_t bits = f->bits;
		uint64_t v = get(g, vcpu, f->at, f->size);

		if ((v & bits) != f->value)
			rc = err_set(
				e, RC_UNSUPPORTED,
				"offset 0x%" PRIx32
				": VMSA of vCPU %zu: %s is 0x%" PRIx64 ": %s",
				g->vmsa_at[vcpu], vcpu, f->name, v, f->why);
	}
	if (!rc && tr != ldtr)
		rc = err_set(e, RC_UNSUPPORTED,
			     "offset 0x%" PRIx32
			     ": VMSA of vCPU %zu: tr.base is 0x%" PRIx64
			     ": QEMU takes that of ldtr, 0x%" PRIx64,
			     g->vmsa_at[vcpu], vcpu, tr, ldtr);
	if (!rc && features != igvm_snp_features(g))
		rc = err_set(e, RC_UNSUPPORTED,
			     "offset 0x%" PRIx32
			     ": VMSA of vCPU %zu: sev_features is 0x%" PRIx64
			     ": KVM gives all vCPUs that of the first, "
			     "0x%" PRIx64,
			     g->vmsa_at[vcpu], vcpu, features,
			     igvm_snp_features(g));
	return rc;
}

static int check_vmsas(const struct igvm *g, struct err *e)
{
	int rc = RC_OK;

	if (g->vmsa[0] == 0)
		return err_set(e, RC_FORMAT,
			       "no VP_CONTEXT of vCPU 0: SEV-SNP guests need "
			       "its VMSA");
	for (size_t i = 0; !rc && i < g->end_vmsas; i++)
		if (g->vmsa[i] != 0)
			rc = check_vmsa(g, i, e);
	return rc;
}

/* What QEMU's loader refuses in a directive, or measures otherwise. */
static int check_in_qemu(const struct igvm_directive *d, uint32_t mask,
			 struct err *e)
{
	const struct igvm_kind *k = igvm_directive_kind(d->type);

	if (!k->in_qemu)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32
			       ": QEMU does not start with a header of type "
			       "0x%" PRIx32 " (%s)",
			       d->at, d->type, k->name);
	if (!(d->mask & mask))
		return RC_OK;
	if (d->type == IGVM_PAGE_DATA && (d->flags & IGVM_SHARED))
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32 ": shared page at 0x%" PRIx64
			       ": it is not to be measured, but QEMU does",
			       d->at, d->gpa);
	if (d->type == IGVM_VP_CONTEXT && d->gpa != SNP_VMSA_GPA)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32
			       ": VP_CONTEXT at gpa 0x%" PRIx64
			       ": KVM has all at 0x%" PRIx64,
			       d->at, d->gpa, (uint64_t)SNP_VMSA_GPA);
	return RC_OK;
}

static int check_snp(const struct igvm *g, const struct igvm_platform *p,
		     struct err *e)
{
	size_t secrets = 0, cpuid = 0;
	int rc = RC_OK;

	if (!p->has_policy)
		return err_set(e, RC_FORMAT, "no GUEST_POLICY for SEV-SNP");
	if (!(p->policy >> 17 & 1))
		return err_set(e, RC_FORMAT,
			       "policy 0x%" PRIx64
			       " has bit 17 clear, which must be set",
			       p->policy);
	for (size_t i = 0; !rc && i < g->nr_directives; i++) {
		const struct igvm_directive *d = &g->directives[i];

		rc = check_in_qemu(d, p->mask, e);
		if (d->type != IGVM_PAGE_DATA || !(d->mask & p->mask))
			continue;
		secrets += d->data_type == IGVM_SECRETS;
		cpuid += d->data_type >= IGVM_CPUID;
	}
	if (!rc && (secrets == 0 || cpuid == 0))
		rc = err_set(e, RC_FORMAT,
			     "no %s page: SEV-SNP guests need one",
			     secrets == 0 ? "SECRETS" : "CPUID");
	return rc ? rc : check_vmsas(g, e);
}

static int check_tdx(const struct igvm *g, const struct igvm_platform *p,
		     struct err *e)
{
	for (size_t i = 0; i < g->nr_directives; i++) {
		const struct igvm_directive *d = &g->directives[i];

		if ((d->mask & p->mask) && d->data_type != IGVM_NORMAL)
			return err_set(e, RC_UNSUPPORTED,
				       "offset 0x%" PRIx32
				       ": data type %u of PAGE_DATA is none "
				       "of TDX",
				       d->at, d->data_type);
	}
	return RC_OK;
}

struct range {
	uint64_t gpa, size;
	uint32_t at;
};

static int by_gpa(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->gpa != y->gpa)
		return x->gpa < y->gpa ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int find_overlap(struct range *r, size_t n, struct err *e)
{
	uint64_t pages = 0;

	qsort(r, n, sizeof(*r), by_gpa);
	for (size_t i = 0; i < n; i++) {
		pages += r[i].size / SNP_PAGE;
		if (i > 0 && r[i].gpa - r[i - 1].gpa < r[i - 1].size)
			return err_set(e, RC_FORMAT,
				       "offset 0x%" PRIx32 ": gpa 0x%" PRIx64
				       " is filled by offset 0x%" PRIx32 " too",
				       r[i].at, r[i].gpa, r[i - 1].at);
	}
	if (pages > IGVM_MAX_PAGES)
		return err_set(e, RC_LIMIT,
			       "%" PRIu64 " pages are more than %d", pages,
			       IGVM_MAX_PAGES);
	if (pages == 0)
		return err_set(e, RC_FORMAT, "no page for this platform");
	return RC_OK;
}

/* No page is filled twice. */
static int check_overlap(const struct igvm *g, const struct igvm_platform *p,
			 struct err *e)
{
	struct range *r = calloc(g->nr_directives + 1, sizeof(*r));
	size_t n = 0;
	int rc;

	if (!r)
		return err_nomem(e);
	for (size_t i = 0; i < g->nr_directives; i++) {
		const struct igvm_directive *d = &g->directives[i];

		if ((d->mask & p->mask) && (d->type == IGVM_PAGE_DATA ||
					    d->type == IGVM_PARAMETER_INSERT))
			r[n++] = (struct range){d->gpa, d->size, d->at};
	}
	if (p->type == IGVM_SNP && g->nr_vmsas > 0)
		r[n++] = (struct range){SNP_VMSA_GPA, SNP_PAGE, g->vmsa_at[0]};
	rc = find_overlap(r, n, e);
	free(r);
	return rc;
}

int igvm_check(const struct igvm *g, const struct igvm_platform *p,
	       struct err *e)
{
	int rc = p->type == IGVM_SNP ? check_snp(g, p, e) : check_tdx(g, p, e);

	return rc ? rc : check_overlap(g, p, e);
}
