/* SPDX-License-Identifier: Apache-2.0 */
/* snp.h: launch digests of AMD SEV-SNP, SEV-ES and SEV guests. */
#ifndef MOTE_SNP_H
#define MOTE_SNP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "ovmf.h"

struct hash;

enum {
	SNP_DIGEST = 48, /* bytes of a launch digest */
	SEV_DIGEST = 32,
	SNP_PAGE = 4096,
	SEV_HASHES_TABLE = 176, /* bytes of the hash table with its padding */
	SNP_MAX_VCPUS = 4096,
};
#define SNP_FEATURES_DEFAULT 0x1ULL /* SNPActive */
#define SNP_VMSA_GPA 0xfffffffff000ULL

/* SNP firmware ABI (AMD 56860, revision 1.57), 8.17.2, PAGE_TYPE. */
enum snp_page_type {
	SNP_PAGE_NORMAL = 1,
	SNP_PAGE_VMSA = 2,
	SNP_PAGE_ZERO = 3,
	SNP_PAGE_UNMEASURED = 4,
	SNP_PAGE_SECRETS = 5,
	SNP_PAGE_CPUID = 6,
};

/* Who makes the VM; what each puts into a VMSA stands in snp_vmsa.c. */
enum snp_vmm {
	SNP_VMM_QEMU,	 /* KVM that initialises the FPU (Linux 6.10) */
	SNP_VMM_LEGACY,	 /* QEMU, FPU state left zero */
	SNP_VMM_EC2,	 /* rdx 0x600 */
	SNP_VMM_EC2_OLD, /* rdx 0 */
	SNP_VMM_GCE,
	SNP_NR_VMMS,
};

/* "qemu", "legacy", "ec2", "ec2-old", "gce" */
const char *snp_vmm_name(enum snp_vmm vmm);
bool snp_vmm_parse(const char *name, enum snp_vmm *out);

/* Called after each page with the digest so far. */
typedef void snp_trace(void *arg, enum snp_page_type type, uint64_t gpa,
		       const uint8_t digest[SNP_DIGEST]);

/*
 * A launch digest in the making: a plain value that may be copied, so that one
 * firmware serves many vCPU counts. The hash (SHA-384) is borrowed; ask
 * hash_check() once the digests are complete.
 */
struct snp_launch {
	uint8_t digest[SNP_DIGEST]; /* starts as zeros */
	struct hash *sha384;
	snp_trace *trace; /* NULL: none */
	void *trace_arg;
};

/*
 * Adds one page: digest = SHA-384(PAGE_INFO), AMD 56860 8.17.2. contents is
 * the SHA-384 of the 4096 bytes for NORMAL and VMSA, NULL (zeros) for others.
 */
void snp_add(struct snp_launch *l, enum snp_page_type type, uint64_t gpa,
	     const uint8_t *contents);

/* Adds a NORMAL or VMSA page of these bytes. */
void snp_add_page(struct snp_launch *l, enum snp_page_type type, uint64_t gpa,
		  const uint8_t page[SNP_PAGE]);

/*
 * Adds size bytes as NORMAL pages from gpa on. RC_FORMAT if they are no
 * multiple of 4096.
 */
int snp_add_bytes(struct snp_launch *l, uint64_t gpa, const uint8_t *bytes,
		  size_t size, struct err *e);

/* The same for a firmware image, which ends at 4 GiB. RC_LIMIT if larger. */
int snp_add_firmware(struct snp_launch *l, const uint8_t *image, size_t size,
		     struct err *e);

/*
 * Adds the SEV metadata sections of o in their order, as vmm does it. table is
 * the hash table (SEV_HASHES_TABLE bytes), or NULL if no kernel is given. A
 * section that is empty, no multiple of 4096 bytes or overlaps another one
 * (no VM launches) is RC_FORMAT, a table without a section for it
 * RC_UNSUPPORTED. There are at most 2^20 pages.
 */
int snp_add_sections(struct snp_launch *l, const struct ovmf *o,
		     enum snp_vmm vmm, const uint8_t *table, struct err *e);

/* One processor at reset. */
struct snp_vcpu {
	enum snp_vmm vmm;
	uint32_t eip;	   /* SNP_BSP_EIP, or ovmf.reset_eip */
	uint32_t sig;	   /* CPUID leaf 1 EAX */
	uint64_t features; /* SEV_FEATURES: SNP_FEATURES_DEFAULT; SEV-ES 0 */
};
#define SNP_BSP_EIP 0xfffffff0U

/* The VMSA of that processor (AMD 24593, Appendix B). */
void snp_vmsa(const struct snp_vcpu *v, uint8_t page[SNP_PAGE]);

/* The VMSA of every processor of a VM that starts in an SVSM at eip. */
void snp_svsm_vmsa(uint32_t eip, uint32_t sig, uint8_t page[SNP_PAGE]);

/*
 * SHA-384 of the two VMSA pages: all that a launch digest needs to know of
 * processors. The second one counts for every processor but the first.
 */
struct snp_vmsas {
	uint8_t bsp[SNP_DIGEST], ap[SNP_DIGEST];
};
void snp_vmsas(struct hash *sha384, const struct snp_vcpu *bsp, uint32_t ap_eip,
	       struct snp_vmsas *out);

/* Adds vCPU number i, from 0. */
void snp_add_vcpu(struct snp_launch *l, const struct snp_vmsas *v, size_t i);

/* What an SVSM image says of itself. */
struct snp_svsm {
	uint64_t base; /* gpa of its first byte */
	uint32_t eip;
	struct ovmf ovmf; /* its own metadata */
};

/*
 * Places an SVSM below the firmware and its variables: base = 4 GiB -
 * firmware_size - vars_size - size. RC_FORMAT if the image has no SVSM info,
 * a size is no multiple of 4096, or they do not fit; RC_UNSUPPORTED without
 * SEV metadata.
 */
int snp_svsm_parse(const uint8_t *image, size_t size, uint64_t firmware_size,
		   uint64_t vars_size, struct snp_svsm *out, struct err *e);

/* SHA-256 of what -kernel, -initrd and -append hand over. */
struct sev_hashes {
	uint8_t cmdline[32]; /* with one NUL byte at its end */
	uint8_t initrd[32];  /* of nothing, if there is none */
	uint8_t kernel[32];
};

/*
 * Fills h. Lengths are bytes; cmdline has none of its NUL bytes counted, and
 * NULL is the same as "". initrd may be NULL with length 0.
 */
int sev_hashes_of(const uint8_t *kernel, size_t kernel_len,
		  const uint8_t *initrd, size_t initrd_len,
		  const uint8_t *cmdline, size_t cmdline_len,
		  struct sev_hashes *h, struct err *e);

/* Only the command line of h. */
int sev_hashes_cmdline(const uint8_t *cmdline, size_t len, struct sev_hashes *h,
		       struct err *e);

/* The table as QEMU writes it into the guest (target/i386/sev.c). */
void sev_hashes_table(const struct sev_hashes *h,
		      uint8_t table[SEV_HASHES_TABLE]);

/*
 * The page that is measured: the table at the offset of the firmware's hash
 * table area. RC_UNSUPPORTED if the firmware has no such area, or no room.
 */
int sev_hashes_page(const struct ovmf *o, const uint8_t *table,
		    uint8_t page[SNP_PAGE], struct err *e);

/* RC_UNSUPPORTED unless SEV and SEV-ES firmware has an area for the table. */
int sev_can_verify(const struct ovmf *o, struct err *e);

/*
 * The launch digest (GCTX.LD) of SEV and SEV-ES is the SHA-256 of firmware,
 * table (NULL: none) and, for SEV-ES, the VMSA of each vCPU: AMD 55766,
 * LAUNCH_UPDATE_DATA and LAUNCH_UPDATE_VMSA. sev_begin() puts the first two
 * into sha256; hash_peek() then is the digest of SEV. sev_add_vcpu() adds vCPU
 * i, from 0; hash_peek() then is the digest of i + 1 vCPUs.
 */
void sev_begin(struct hash *sha256, const uint8_t *image, size_t size,
	       const uint8_t *table);
void sev_add_vcpu(struct hash *sha256, const struct snp_vcpu *bsp,
		  uint32_t ap_eip, size_t i);

/* What LAUNCH_MEASURE returns for a digest (AMD 55766, LAUNCH_MEASURE). */
struct sev_launch_measure {
	uint8_t api_major, api_minor, build;
	uint32_t policy;
	uint8_t mnonce[16], tik[16];
};
int sev_launch_measure(const struct sev_launch_measure *m,
		       const uint8_t digest[SEV_DIGEST],
		       uint8_t out[SEV_DIGEST], struct err *e);

/*
 * CPUID leaf 1 EAX of a QEMU CPU model: "EPYC-Milan", with any "-vN" behind
 * it, upper or lower case. false if the model is unknown.
 */
bool snp_cpu_signature(const char *model, uint32_t *sig);

/* Name of model i from 0, NULL past the last one. */
const char *snp_cpu_model(size_t i);

/* The signature of a family, model and stepping; false if out of range. */
bool snp_cpu_pack(uint32_t family, uint32_t model, uint32_t stepping,
		  uint32_t *sig);

#endif
