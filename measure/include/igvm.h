/* SPDX-License-Identifier: Apache-2.0 */
/* igvm.h: IGVM files, and the launch digests of guests made from them. */
#ifndef MOTE_IGVM_H
#define MOTE_IGVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "snp.h"

/*
 * Sources: igvm_defs 0.5.0 (format version 1), igvm 0.5.0 (what a loader
 * checks), QEMU 11 backends/igvm.c and target/i386/sev.c, Linux 6.16
 * arch/x86/kvm/svm/sev.c. Offsets are in the file, sizes are bytes, gpa is a
 * guest physical address.
 */
enum {
	IGVM_MAX_HEADERS = 1 << 20,
	IGVM_MAX_AREAS = 64,	  /* parameter areas */
	IGVM_MAX_PAGES = 1 << 20, /* 4 GiB that are measured */
	IGVM_MAX_PLATFORMS = 8,
};
#define IGVM_MAX_GPA (1ULL << 52)

/* SUPPORTED_PLATFORM, platform_type. */
enum igvm_type {
	IGVM_NATIVE,
	IGVM_VSM,
	IGVM_SNP,
	IGVM_TDX,
	IGVM_SEV,
	IGVM_SEV_ES,
	IGVM_NR_TYPES,
};

/* Types of headers; the parameters have their own table in igvm_dir.c. */
enum igvm_header {
	IGVM_SUPPORTED_PLATFORM = 0x1,
	IGVM_GUEST_POLICY = 0x101,
	IGVM_PARAMETER_AREA = 0x301,
	IGVM_PAGE_DATA = 0x302,
	IGVM_PARAMETER_INSERT = 0x303,
	IGVM_VP_CONTEXT = 0x304,
	IGVM_REQUIRED_MEMORY = 0x305,
	IGVM_SNP_ID_BLOCK = 0x30b,
};

/* PAGE_DATA, flags and data_type. */
enum { IGVM_2MB = 1, IGVM_UNMEASURED = 2, IGVM_SHARED = 4 };
enum { IGVM_NORMAL, IGVM_SECRETS, IGVM_CPUID, IGVM_CPUID_XF };

struct igvm_platform {
	enum igvm_type type;
	uint32_t mask; /* one bit */
	bool has_policy;
	uint64_t policy;
};

/* One directive. mask is 0 where the directive counts for all platforms. */
struct igvm_directive {
	uint32_t at;   /* where its header stands */
	uint32_t type; /* enum igvm_header, or a parameter */
	uint32_t mask;
	uint32_t data; /* where its contents stand, SNP_PAGE bytes; 0: zeros */
	uint64_t gpa, size;
	uint32_t flags;
	uint16_t data_type, vp_index;
};

struct igvm_id_block {
	uint32_t at; /* 0: there is none */
	uint8_t digest[SNP_DIGEST];
	uint8_t family_id[16], image_id[16];
	uint32_t guest_svn;
	bool author_key;
};

struct igvm {
	const uint8_t *file; /* borrowed */
	size_t size;
	struct igvm_platform platforms[IGVM_MAX_PLATFORMS];
	size_t nr_platforms;
	struct igvm_directive *directives; /* owned */
	size_t nr_directives;
	size_t nr_ignored; /* unknown headers that may be ignored */
	struct igvm_id_block id;
	/* Where the VMSA of each SEV-SNP vCPU stands; 0: it has none. */
	uint32_t vmsa[SNP_MAX_VCPUS];
	uint32_t vmsa_at[SNP_MAX_VCPUS]; /* its VP_CONTEXT */
	size_t nr_vmsas, end_vmsas;	 /* count, and highest index + 1 */
};

/*
 * Reads a file, which must outlive g. RC_FORMAT: it breaks the format;
 * RC_UNSUPPORTED: another version, or a header that loaders must know but this
 * one does not; RC_LIMIT: more than one of the above; RC_IO: no memory.
 * igvm_free() in every case.
 */
int igvm_parse(const uint8_t *file, size_t size, struct igvm *g, struct err *e);
void igvm_free(struct igvm *g);

/* The platform of that type, or NULL. */
const struct igvm_platform *igvm_platform(const struct igvm *g,
					  enum igvm_type type);

/* "SEV-SNP" and so on. */
const char *igvm_type_name(enum igvm_type type);

/*
 * Whether a guest can be made for p, an SEV-SNP or TDX platform of g: what
 * every loader needs and, for SEV-SNP, what QEMU and KVM refuse or measure
 * otherwise than it stands in the file. RC_FORMAT, RC_UNSUPPORTED or RC_LIMIT
 * as above, RC_IO.
 */
int igvm_check(const struct igvm *g, const struct igvm_platform *p,
	       struct err *e);

/*
 * IGVM_ORDER_QEMU is the order in which QEMU's loader queues pages: it keeps a
 * run of adjacent PAGE_DATA back until the next one that does not continue it,
 * while a PARAMETER_INSERT goes ahead at once.
 */
enum igvm_order { IGVM_ORDER_FILE, IGVM_ORDER_QEMU };

/* Whether the two orders differ. */
bool igvm_order_matters(const struct igvm *g, const struct igvm_platform *p);

/*
 * Adds all pages but the VMSAs to l, which starts as zeros: AMD 56860 8.17,
 * one SNP_LAUNCH_UPDATE for each. g has passed igvm_check() for p.
 */
void igvm_snp_pages(const struct igvm *g, const struct igvm_platform *p,
		    enum igvm_order order, struct snp_launch *l);

/*
 * Adds the VMSA of vCPU i < SNP_MAX_VCPUS, as KVM does after all other pages.
 * reset is the page that counts for a vCPU without VP_CONTEXT; it may be NULL
 * if i has one.
 */
void igvm_snp_vcpu(const struct igvm *g, size_t i,
		   const uint8_t reset[SNP_PAGE], struct snp_launch *l);

/* SEV_FEATURES of vCPU 0 (AMD 24593, table B-4), which KVM gives to all. */
uint64_t igvm_snp_features(const struct igvm *g);

/*
 * Called after each page of a TD with the MRTD so far; extended if its
 * contents were measured too. arg is that of igvm_tdx().
 */
typedef void igvm_trace(void *arg, bool extended, uint64_t gpa,
			const uint8_t digest[SNP_DIGEST]);

/*
 * MRTD of a TD: Intel TDX module, TDH.MEM.PAGE.ADD and TDH.MR.EXTEND, both for
 * one page before the next. g has passed igvm_check() for p. sha384 is
 * borrowed and begun anew. trace may be NULL. Ask hash_check() afterwards.
 */
void igvm_tdx(const struct igvm *g, const struct igvm_platform *p,
	      struct hash *sha384, igvm_trace *trace, void *arg,
	      uint8_t digest[SNP_DIGEST]);

/*
 * Numbers of pages of SNP_PAGE bytes as they are measured, by enum
 * snp_page_type; shared pages are none. VMSAs are those of the file.
 */
void igvm_count(const struct igvm *g, const struct igvm_platform *p,
		size_t counts[SNP_PAGE_CPUID + 1]);

#endif
