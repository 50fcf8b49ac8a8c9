/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_measure_igvm.c: IGVM files and their digests. */
#include <string.h>

#include "crc32.h"
#include "fuzz_measure.h"
#include "igvm.h"
#include "rd.h"

enum { CHECKSUM_AT = 20, MAX_VCPUS = 8 };

/* Else nearly every change ends at the checksum. */
static void repair(struct run *r)
{
	struct rd in = rd_of(r->p, r->n), vars;
	uint32_t at, len, crc;

	rd_seek(&in, 8);
	at = rd_le32(&in);
	len = rd_le32(&in);
	vars = rd_sub(&in, at, len);
	if (vars.failed || r->n < CHECKSUM_AT + 4)
		return;
	memset(r->p + CHECKSUM_AT, 0, 4);
	crc = crc32(crc32(0, r->p, CHECKSUM_AT + 4), vars.base, vars.len);
	for (int i = 0; i < 4; i++)
		r->p[CHECKSUM_AT + i] = (uint8_t)(crc >> 8 * i);
}

static bool few_pages(const struct igvm *g, const struct igvm_platform *p)
{
	size_t counts[SNP_PAGE_CPUID + 1], all = 0;

	igvm_count(g, p, counts);
	for (size_t i = 0; i <= SNP_PAGE_CPUID; i++)
		all += counts[i];
	return all <= FUZZ_MAX_PAGES;
}

static void snp(struct run *r, const struct igvm *g,
		const struct igvm_platform *p)
{
	struct snp_launch l[2] = {{.sha384 = NULL}};
	static const uint8_t reset[SNP_PAGE];
	struct err e = {""};

	l[0].sha384 = l[1].sha384 = hash_new(SHA384_SIZE, &e);
	if (step(r, l[0].sha384 ? RC_OK : RC_IO, &e, "hash"))
		return;
	igvm_snp_pages(g, p, IGVM_ORDER_FILE, &l[0]);
	igvm_snp_pages(g, p, IGVM_ORDER_QEMU, &l[1]);
	if (!igvm_order_matters(g, p))
		MUST(memcmp(l[0].digest, l[1].digest, SNP_DIGEST) == 0 ||
		     hash_check(l[0].sha384, &e));
	for (int order = 0; order < 2; order++) {
		for (size_t i = 0; i < MAX_VCPUS; i++)
			igvm_snp_vcpu(g, i, reset, &l[order]);
		fuzz_digest(r, &l[order], RC_OK, &e, "snp", order);
	}
	gives_number(r, igvm_snp_features(g));
	hash_free(l[0].sha384);
}

static void trace(void *arg, bool extended, uint64_t gpa,
		  const uint8_t digest[SNP_DIGEST])
{
	(void)extended;
	(void)gpa;
	memcpy(arg, digest, SNP_DIGEST);
}

static void tdx(struct run *r, const struct igvm *g,
		const struct igvm_platform *p)
{
	uint8_t digest[SNP_DIGEST], traced[SNP_DIGEST], last[SNP_DIGEST] = {0};
	struct err e = {""};
	struct hash *h = hash_new(SHA384_SIZE, &e);

	if (step(r, h ? RC_OK : RC_IO, &e, "hash tdx"))
		return;
	igvm_tdx(g, p, h, NULL, NULL, digest);
	igvm_tdx(g, p, h, trace, last, traced);
	if (!step(r, hash_check(h, &e), &e, "tdx digest")) {
		gives(r, digest, sizeof(digest));
		MUST(memcmp(digest, traced, sizeof(digest)) == 0);
	}
	hash_free(h);
}

static void check(struct run *r, const struct igvm *g, enum igvm_type type)
{
	const struct igvm_platform *p = igvm_platform(g, type);
	struct err e = {""};

	if (!p ||
	    step(r, igvm_check(g, p, &e), &e, "check %s", igvm_type_name(type)))
		return;
	if (!few_pages(g, p))
		return;
	if (type == IGVM_SNP)
		snp(r, g, p);
	else
		tdx(r, g, p);
}

void one(struct run *r)
{
	static struct igvm g;
	struct err e = {""};

	if (r->mode & RUN_REPAIR)
		repair(r);
	if (!step(r, igvm_parse(r->p, r->n, &g, &e), &e, "parse")) {
		gives(r, g.directives, g.nr_directives * sizeof(*g.directives));
		gives(r, g.vmsa, sizeof(g.vmsa));
		gives_number(r, g.nr_ignored);
		check(r, &g, IGVM_SNP);
		check(r, &g, IGVM_TDX);
	}
	igvm_free(&g);
}
