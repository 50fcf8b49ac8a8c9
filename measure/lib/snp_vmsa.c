/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snp_vmsa.c: the VMSA page of a processor at reset, as each VMM leaves it.
 *
 * Layout: AMD 24593 (APM volume 2), Appendix B, table B-4. QEMU resets the
 * processor (target/i386/cpu.c), KVM corrects CR0, CR4 and EFER and, since
 * Linux 6.10, brings the FPU state over. A segment is u16 selector, u16
 * attributes, u32 limit, u64 base. Everything else is zero.
 */
#include <assert.h>
#include <string.h>

#include "hash.h"
#include "snp.h"
#include "wr.h"

enum vmsa_offset {
	VMSA_ES = 0x00,
	VMSA_CS = 0x10,
	VMSA_SS = 0x20,
	VMSA_DS = 0x30,
	VMSA_FS = 0x40,
	VMSA_GS = 0x50,
	VMSA_GDTR = 0x60,
	VMSA_LDTR = 0x70,
	VMSA_IDTR = 0x80,
	VMSA_TR = 0x90,
	VMSA_EFER = 0xd0,
	VMSA_CR4 = 0x148,
	VMSA_CR0 = 0x158,
	VMSA_DR7 = 0x160,
	VMSA_DR6 = 0x168,
	VMSA_RFLAGS = 0x170,
	VMSA_RIP = 0x178,
	VMSA_G_PAT = 0x268,
	VMSA_RDX = 0x310,
	VMSA_SEV_FEATURES = 0x3b0,
	VMSA_XCR0 = 0x3e8,
	VMSA_MXCSR = 0x408,
	VMSA_X87_FCW = 0x410,
};

#define G_PAT_RESET 0x0007040600070406ULL
#define G_PAT_GCE 0x00070106ULL
#define MXCSR_RESET 0x1f80U
#define FCW_RESET 0x37fU

/* In which the VMMs differ. */
struct flavour {
	const char *name;
	uint16_t bsp_cs, ap_cs, ss, tr; /* attributes */
	bool rdx_is_sig;
	uint32_t rdx;
	uint64_t g_pat;
	uint32_t mxcsr;
	uint16_t fcw;
};

static const struct flavour flavours[SNP_NR_VMMS] = {
	[SNP_VMM_QEMU] = {"qemu", 0x9b, 0x9b, 0x93, 0x8b, true, 0, G_PAT_RESET,
			  MXCSR_RESET, FCW_RESET},
	[SNP_VMM_LEGACY] = {"legacy", 0x9b, 0x9b, 0x93, 0x8b, true, 0,
			    G_PAT_RESET, 0, 0},
	[SNP_VMM_EC2] = {"ec2", 0x9a, 0x9b, 0x92, 0x83, false, 0x600,
			 G_PAT_RESET, 0, 0},
	[SNP_VMM_EC2_OLD] = {"ec2-old", 0x9a, 0x9b, 0x92, 0x83, false, 0,
			     G_PAT_RESET, 0, 0},
	[SNP_VMM_GCE] = {"gce", 0x9b, 0x9b, 0x93, 0x8b, false, 0x600, G_PAT_GCE,
			 0, 0},
};

const char *snp_vmm_name(enum snp_vmm vmm)
{
	return flavours[vmm].name;
}

bool snp_vmm_parse(const char *name, enum snp_vmm *out)
{
	for (int i = 0; i < SNP_NR_VMMS; i++) {
		if (strcmp(name, flavours[i].name) == 0) {
			*out = (enum snp_vmm)i;
			return true;
		}
	}
	return false;
}

struct segment {
	uint16_t selector, attributes;
	uint32_t limit;
	uint64_t base;
};

static void put_segment(struct wr *w, size_t at, struct segment s)
{
	wr_seek(w, at);
	wr_le16(w, s.selector);
	wr_le16(w, s.attributes);
	wr_le32(w, s.limit);
	wr_le64(w, s.base);
}

static void put64(struct wr *w, size_t at, uint64_t v)
{
	wr_seek(w, at);
	wr_le64(w, v);
}

static void put_fpu(struct wr *w, uint32_t mxcsr, uint16_t fcw)
{
	wr_seek(w, VMSA_MXCSR);
	wr_le32(w, mxcsr);
	wr_seek(w, VMSA_X87_FCW);
	wr_le16(w, fcw);
}

/* What no VMM changes. */
static void put_common(struct wr *w)
{
	const struct segment table = {.limit = 0xffff};

	put_segment(w, VMSA_GDTR, table);
	put_segment(w, VMSA_IDTR, table);
	put_segment(w, VMSA_LDTR, (struct segment){0, 0x82, 0xffff, 0});
	put64(w, VMSA_EFER, 0x1000); /* SVME */
	put64(w, VMSA_CR4, 0x40);    /* MCE */
	put64(w, VMSA_DR7, 0x400);
	put64(w, VMSA_DR6, 0xffff0ff0);
	put64(w, VMSA_RFLAGS, 2);
	put64(w, VMSA_XCR0, 1);
}

void snp_vmsa(const struct snp_vcpu *v, uint8_t page[SNP_PAGE])
{
	static const size_t data[] = {VMSA_ES, VMSA_DS, VMSA_FS, VMSA_GS};
	const struct flavour *f = &flavours[v->vmm];
	bool bsp = v->eip == SNP_BSP_EIP;
	struct wr w = wr_of(page, SNP_PAGE);

	put_common(&w);
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++)
		put_segment(&w, data[i], (struct segment){0, 0x93, 0xffff, 0});
	put_segment(&w, VMSA_CS,
		    (struct segment){0xf000, bsp ? f->bsp_cs : f->ap_cs, 0xffff,
				     v->eip & 0xffff0000});
	put_segment(&w, VMSA_SS, (struct segment){0, f->ss, 0xffff, 0});
	put_segment(&w, VMSA_TR, (struct segment){0, f->tr, 0xffff, 0});
	put64(&w, VMSA_CR0, 0x10); /* ET */
	put64(&w, VMSA_RIP, v->eip & 0xffff);
	put64(&w, VMSA_G_PAT, f->g_pat);
	put64(&w, VMSA_RDX, f->rdx_is_sig ? v->sig : f->rdx);
	put64(&w, VMSA_SEV_FEATURES, v->features);
	put_fpu(&w, f->mxcsr, f->fcw);
	assert(!w.failed);
}

/* Coconut SVSM starts in flat 32-bit mode, on every processor alike. */
void snp_svsm_vmsa(uint32_t eip, uint32_t sig, uint8_t page[SNP_PAGE])
{
	static const size_t data[] = {VMSA_ES, VMSA_SS, VMSA_DS, VMSA_FS};
	struct wr w = wr_of(page, SNP_PAGE);

	put_common(&w);
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++)
		put_segment(&w, data[i],
			    (struct segment){16, 0xc93, 0xffffffff, 0});
	put_segment(&w, VMSA_CS, (struct segment){8, 0xc9b, 0xffffffff, 0});
	put_segment(&w, VMSA_GS, (struct segment){0, 0x93, 0xffff, 0});
	put_segment(&w, VMSA_TR, (struct segment){0, 0x8b, 0xffff, 0});
	put64(&w, VMSA_CR0, 0x11); /* ET, PE */
	put64(&w, VMSA_RIP, eip);
	put64(&w, VMSA_G_PAT, G_PAT_RESET);
	put64(&w, VMSA_RDX, sig);
	put64(&w, VMSA_SEV_FEATURES, SNP_FEATURES_DEFAULT);
	/* The FPU control word is zero in the recorded values. */
	put_fpu(&w, MXCSR_RESET, 0);
	assert(!w.failed);
}

void snp_vmsas(struct hash *sha384, const struct snp_vcpu *bsp, uint32_t ap_eip,
	       struct snp_vmsas *out)
{
	struct snp_vcpu ap = *bsp;
	uint8_t page[SNP_PAGE];

	snp_vmsa(bsp, page);
	hash_once(sha384, page, SNP_PAGE, out->bsp);
	ap.eip = ap_eip;
	snp_vmsa(&ap, page);
	hash_once(sha384, page, SNP_PAGE, out->ap);
}
