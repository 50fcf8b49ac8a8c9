/* SPDX-License-Identifier: Apache-2.0 */
/*
 * igvm_snp.c: the launch digest of an SEV-SNP guest made from an IGVM file.
 *
 * PAGE_DATA without data is a NORMAL page of zeros, not a ZERO page. Each page
 * of an inserted parameter area is UNMEASURED: its address counts, what the
 * host puts there does not. VMSAs come last (KVM, SNP_LAUNCH_FINISH).
 */
#include <assert.h>

#include "hash.h"
#include "igvm.h"
#include "rd.h"

static const uint8_t *data_of(const struct igvm *g, uint32_t data)
{
	struct rd all = rd_of(g->file, g->size);
	struct rd r = rd_sub(&all, data, SNP_PAGE);
	const uint8_t *page = rd_bytes(&r, SNP_PAGE);

	assert(page); /* igvm_parse() has checked it */
	return page;
}

static enum snp_page_type page_type(const struct igvm_directive *d)
{
	if (d->type == IGVM_PARAMETER_INSERT)
		return SNP_PAGE_UNMEASURED;
	switch (d->data_type) {
	case IGVM_SECRETS:
		return SNP_PAGE_SECRETS;
	case IGVM_CPUID:
	case IGVM_CPUID_XF:
		return SNP_PAGE_CPUID;
	default:
		return d->flags & IGVM_UNMEASURED ? SNP_PAGE_UNMEASURED
						  : SNP_PAGE_NORMAL;
	}
}

/* zeros is the SHA-384 of a page of zeros. */
static void add(const struct igvm *g, const struct igvm_directive *d,
		const uint8_t zeros[SNP_DIGEST], struct snp_launch *l)
{
	enum snp_page_type type = page_type(d);

	if (type != SNP_PAGE_NORMAL)
		for (uint64_t at = 0; at < d->size; at += SNP_PAGE)
			snp_add(l, type, d->gpa + at, NULL);
	else if (d->data == 0)
		snp_add(l, type, d->gpa, zeros);
	else
		snp_add_page(l, type, d->gpa, data_of(g, d->data));
}

/* Whether QEMU puts d, which stands next to a, into one run with it. */
static bool continues(const struct igvm_directive *a,
		      const struct igvm_directive *d)
{
	return a->gpa + SNP_PAGE == d->gpa && a->flags == d->flags &&
	       a->data_type == d->data_type && a->mask == d->mask &&
	       (a->data == 0) == (d->data == 0);
}

void igvm_snp_pages(const struct igvm *g, const struct igvm_platform *p,
		    enum igvm_order order, struct snp_launch *l)
{
	static const uint8_t page[SNP_PAGE];
	const struct igvm_directive *all = g->directives;
	uint8_t zeros[SNP_DIGEST];
	size_t from = 0, to = 0; /* the run that is kept back */

	hash_once(l->sha384, page, sizeof(page), zeros);
	for (size_t i = 0; i < g->nr_directives; i++) {
		const struct igvm_directive *d = &all[i];

		if (!(d->mask & p->mask))
			continue;
		if (d->type == IGVM_PARAMETER_INSERT) {
			add(g, d, zeros, l);
		} else if (d->type == IGVM_PAGE_DATA) {
			if (order == IGVM_ORDER_QEMU && from < to && i == to &&
			    continues(&all[i - 1], d)) {
				to++;
				continue;
			}
			while (from < to)
				add(g, &all[from++], zeros, l);
			from = i;
			to = i + 1;
			if (order == IGVM_ORDER_FILE)
				add(g, &all[from++], zeros, l);
		}
	}
	while (from < to)
		add(g, &all[from++], zeros, l);
}

bool igvm_order_matters(const struct igvm *g, const struct igvm_platform *p)
{
	bool page = false;

	for (size_t i = 0; i < g->nr_directives; i++) {
		const struct igvm_directive *d = &g->directives[i];

		if (!(d->mask & p->mask))
			continue;
		page |= d->type == IGVM_PAGE_DATA;
		if (page && d->type == IGVM_PARAMETER_INSERT)
			return true;
	}
	return false;
}

void igvm_snp_vcpu(const struct igvm *g, size_t i,
		   const uint8_t reset[SNP_PAGE], struct snp_launch *l)
{
	const uint8_t *page = g->vmsa[i] ? data_of(g, g->vmsa[i]) : reset;

	assert(page);
	snp_add_page(l, SNP_PAGE_VMSA, SNP_VMSA_GPA, page);
}

void igvm_count(const struct igvm *g, const struct igvm_platform *p,
		size_t counts[SNP_PAGE_CPUID + 1])
{
	for (size_t i = 0; i <= SNP_PAGE_CPUID; i++)
		counts[i] = 0;
	for (size_t i = 0; i < g->nr_directives; i++) {
		const struct igvm_directive *d = &g->directives[i];

		if (!(d->mask & p->mask) || (d->flags & IGVM_SHARED))
			continue;
		if (d->type == IGVM_PAGE_DATA ||
		    d->type == IGVM_PARAMETER_INSERT)
			counts[page_type(d)] += (size_t)(d->size / SNP_PAGE);
	}
	if (p->type == IGVM_SNP)
		counts[SNP_PAGE_VMSA] = g->nr_vmsas;
}
