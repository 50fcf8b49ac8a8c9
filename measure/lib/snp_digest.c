/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snp_digest.c: the launch digest of SEV-SNP, page by page.
 *
 * PAGE_INFO (AMD 56860 8.17.2), 0x70 bytes: 00 DIGEST_CUR[48], 30
 * CONTENTS[48], 60 u16 LENGTH = 0x70, 62 u8 PAGE_TYPE, 63 u8 IMI_PAGE, 64 VMPL
 * permissions and reserved (4 bytes, zero), 68 u64 GPA.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "guid.h"
#include "hash.h"
#include "rd.h"
#include "snp.h"
#include "wr.h"

enum { PAGE_INFO = 0x70 };
#define FOUR_GIB 0x100000000ULL

void snp_add(struct snp_launch *l, enum snp_page_type type, uint64_t gpa,
	     const uint8_t *contents)
{
	uint8_t info[PAGE_INFO];
	struct wr w = wr_of(info, sizeof(info));

	wr_bytes(&w, l->digest, SNP_DIGEST);
	if (contents)
		wr_bytes(&w, contents, SNP_DIGEST);
	else
		wr_skip(&w, SNP_DIGEST);
	wr_le16(&w, PAGE_INFO);
	wr_u8(&w, (uint8_t)type);
	wr_skip(&w, 5);
	wr_le64(&w, gpa);
	assert(!w.failed && w.pos == PAGE_INFO);
	hash_once(l->sha384, info, sizeof(info), l->digest);
	if (l->trace)
		l->trace(l->trace_arg, type, gpa, l->digest);
}

void snp_add_page(struct snp_launch *l, enum snp_page_type type, uint64_t gpa,
		  const uint8_t page[SNP_PAGE])
{
	uint8_t contents[SNP_DIGEST];

	hash_once(l->sha384, page, SNP_PAGE, contents);
	snp_add(l, type, gpa, contents);
}

int snp_add_bytes(struct snp_launch *l, uint64_t gpa, const uint8_t *bytes,
		  size_t size, struct err *e)
{
	if (size % SNP_PAGE != 0)
		return err_set(e, RC_FORMAT,
			       "size %zu is not a multiple of 4096", size);
	for (size_t at = 0; at < size; at += SNP_PAGE)
		snp_add_page(l, SNP_PAGE_NORMAL, gpa + at, bytes + at);
	return RC_OK;
}

int snp_add_firmware(struct snp_launch *l, const uint8_t *image, size_t size,
		     struct err *e)
{
	if (size > FOUR_GIB)
		return err_set(e, RC_LIMIT, "size %zu is more than 4 GiB",
			       size);
	return snp_add_bytes(l, FOUR_GIB - size, image, size, e);
}

/* A whole section of pages whose contents are not measured. */
static void add_empty(struct snp_launch *l, enum snp_page_type type,
		      const struct ovmf_sev_section *s)
{
	for (uint64_t at = 0; at < s->size; at += SNP_PAGE)
		snp_add(l, type, (uint64_t)s->gpa + at, NULL);
}

static int check_section(const struct ovmf_sev_section *s, struct err *e)
{
	if (s->size == 0 || s->size % SNP_PAGE != 0 || s->gpa % SNP_PAGE != 0)
		return err_set(e, RC_FORMAT,
			       "SEV metadata: section %s at 0x%" PRIx32
			       " has 0x%" PRIx32 " bytes: no VM launches with "
			       "a section that is no whole number of pages",
			       ovmf_sev_kind_name(s->kind), s->gpa, s->size);
	if ((uint64_t)s->gpa + s->size > FOUR_GIB)
		return err_set(e, RC_FORMAT,
			       "SEV metadata: section at 0x%" PRIx32
			       " ends above 4 GiB",
			       s->gpa);
	if ((s->kind == OVMF_SNP_SECRETS || s->kind == OVMF_SNP_CPUID ||
	     s->kind == OVMF_SNP_KERNEL_HASHES) &&
	    s->size != SNP_PAGE)
		return err_set(e, RC_FORMAT,
			       "SEV metadata: section %s has 0x%" PRIx32
			       " bytes instead of one page",
			       ovmf_sev_kind_name(s->kind), s->size);
	return RC_OK;
}

/*
 * KVM gives a page to the guest once (arch/x86/kvm/svm/sev.c,
 * sev_gmem_post_populate): a second time ends the launch. This bounds the work
 * as well: to the pages below 4 GiB.
 */
static int check_overlap(const struct ovmf *o, struct err *e)
{
	for (size_t i = 0; i < o->nr_sev; i++) {
		const struct ovmf_sev_section *a = &o->sev[i];

		if (a->gpa + (uint64_t)a->size > FOUR_GIB - o->size)
			return err_set(e, RC_FORMAT,
				       "SEV metadata: section at 0x%" PRIx32
				       " overlaps the firmware",
				       a->gpa);
		for (size_t j = 0; j < i; j++) {
			const struct ovmf_sev_section *b = &o->sev[j];

			if (a->gpa < b->gpa + (uint64_t)b->size &&
			    b->gpa < a->gpa + (uint64_t)a->size)
				return err_set(e, RC_FORMAT,
					       "SEV metadata: sections at "
					       "0x%" PRIx32 " and 0x%" PRIx32
					       " overlap",
					       b->gpa, a->gpa);
		}
	}
	return RC_OK;
}

static int add_section(struct snp_launch *l, const struct ovmf *o,
		       const struct ovmf_sev_section *s, enum snp_vmm vmm,
		       const uint8_t *table, struct err *e)
{
	uint8_t page[SNP_PAGE];
	int rc;

	switch (s->kind) {
	case OVMF_SNP_SECRETS:
		add_empty(l, SNP_PAGE_SECRETS, s);
		return RC_OK;
	case OVMF_SNP_CPUID:
		add_empty(l, SNP_PAGE_CPUID, s);
		return RC_OK;
	case OVMF_SNP_SEC_MEM:
		add_empty(l,
			  vmm == SNP_VMM_GCE ? SNP_PAGE_UNMEASURED
					     : SNP_PAGE_ZERO,
			  s);
		return RC_OK;
	case OVMF_SNP_KERNEL_HASHES:
		if (!table)
			break;
		rc = sev_hashes_page(o, table, page, e);
		if (!rc && o->hashes.base / SNP_PAGE != s->gpa / SNP_PAGE)
			rc = err_set(e, RC_FORMAT,
				     "hash table area at 0x%" PRIx32
				     " is not in the SNP_KERNEL_HASHES section "
				     "at 0x%" PRIx32,
				     o->hashes.base, s->gpa);
		if (!rc)
			snp_add_page(l, SNP_PAGE_NORMAL, s->gpa, page);
		return rc;
	default:
		break;
	}
	add_empty(l, SNP_PAGE_ZERO, s);
	return RC_OK;
}

int snp_add_sections(struct snp_launch *l, const struct ovmf *o,
		     enum snp_vmm vmm, const uint8_t *table, struct err *e)
{
	bool ec2 = vmm == SNP_VMM_EC2 || vmm == SNP_VMM_EC2_OLD;
	int rc = RC_OK;

	if (table && !ovmf_has_sev_kind(o, OVMF_SNP_KERNEL_HASHES))
		return err_set(e, RC_UNSUPPORTED,
			       "a kernel is given, but the firmware has no "
			       "SNP_KERNEL_HASHES section: it cannot verify "
			       "one; an AmdSevX64 build can");
	for (size_t i = 0; !rc && i < o->nr_sev; i++)
		rc = check_section(&o->sev[i], e);
	rc = rc ? rc : check_overlap(o, e);
	/* EC2 adds the CPUID page after all others. */
	for (int late = 0; late <= (ec2 ? 1 : 0); late++)
		for (size_t i = 0; !rc && i < o->nr_sev; i++)
			if (!ec2 ||
			    (o->sev[i].kind == OVMF_SNP_CPUID) == (late == 1))
				rc = add_section(l, o, &o->sev[i], vmm, table,
						 e);
	return rc;
}

void snp_add_vcpu(struct snp_launch *l, const struct snp_vmsas *v, size_t i)
{
	snp_add(l, SNP_PAGE_VMSA, SNP_VMSA_GPA, i == 0 ? v->bsp : v->ap);
}

static const struct guid svsm_info_guid =
	GUID(0xa789a612, 0x0597, 0x4c4b, 0xa4, 0x9f, 0xcb, 0xb1, 0xfe, 0x9d,
	     0x1d, 0xdd);

int snp_svsm_parse(const uint8_t *image, size_t size, uint64_t firmware_size,
		   uint64_t vars_size, struct snp_svsm *out, struct err *e)
{
	struct rd all = rd_of(image, size);
	int rc = ovmf_parse(image, size, &out->ovmf, e);
	uint32_t start;

	if (rc)
		return rc;
	if (firmware_size > FOUR_GIB || vars_size > FOUR_GIB - firmware_size ||
	    size > FOUR_GIB - firmware_size - vars_size)
		return err_set(e, RC_FORMAT,
			       "SVSM, variables and firmware together are "
			       "larger than 4 GiB");
	if (vars_size % SNP_PAGE != 0 || size % SNP_PAGE != 0)
		return err_set(e, RC_FORMAT,
			       "SVSM of %zu bytes or variables of %" PRIu64
			       " are no whole number of pages",
			       size, vars_size);
	if (!out->ovmf.has_sev)
		return err_set(e, RC_UNSUPPORTED,
			       "no SEV metadata: it does not start as an SNP "
			       "guest");
	out->base = FOUR_GIB - firmware_size - vars_size - size;
	/* What its sections must not overlap: all from there on. */
	out->ovmf.size = FOUR_GIB - out->base;
	for (size_t i = 0; i < out->ovmf.nr_entries; i++) {
		const struct ovmf_entry *x = &out->ovmf.entries[i];
		struct rd r = rd_sub(&all, x->offset, x->size);

		if (memcmp(x->guid, svsm_info_guid.b, GUID_SIZE) != 0)
			continue;
		start = rd_le32(&r);
		if (r.failed)
			break;
		if (start >= size)
			return err_set(e, RC_FORMAT,
				       "SVSM info: entry at 0x%" PRIx32
				       " is outside of the image",
				       start);
		out->eip = (uint32_t)(out->base + start);
		return RC_OK;
	}
	return err_set(e, RC_FORMAT, "no SVSM info: this is no SVSM image");
}
