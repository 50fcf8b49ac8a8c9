/* SPDX-License-Identifier: Apache-2.0 */
/* identify_parts.h: what the parts of identify share. */
#ifndef MOTE_IDENTIFY_PARTS_H
#define MOTE_IDENTIFY_PARTS_H

#include "identify.h"
#include "ovmf.h"

enum {
	IDENTIFY_MAX_CMDLINES = 16,
	IDENTIFY_MAX_CPUS = 16,
	IDENTIFY_MAX_FEATURES = 32,
	/* VMMs that differ in what they make of the metadata. */
	IDENTIFY_NR_CLASSES = 3,
};

/* A digest before the vCPUs, made when it is first needed. */
struct identify_head {
	enum { HEAD_UNKNOWN, HEAD_READY, HEAD_IMPOSSIBLE } state;
	uint8_t digest[SNP_DIGEST];
};

struct identify_firmware {
	char *name;
	size_t cut; /* bytes at its beginning that are left out */
	struct ovmf ovmf;
	uint8_t file[SNP_DIGEST]; /* hash of the file */
	uint8_t seed[SNP_DIGEST]; /* SNP: digest of its pages */
	uint64_t pages;		  /* SNP: of its metadata */
	struct identify_head *heads;
	struct hash *sha256; /* SEV, SEV-ES: state behind the image */
};

struct identify_cmdline {
	const char *name, *words;
	uint8_t sha256[32];
};

/* Choices of IDENTIFY_INITRD behind the expected one. */
enum { INITRD_LEFT_OUT = 1, INITRD_EXCHANGED = 2 };

/* Digests of both processors, of one address of the second one. */
struct identify_vmsas {
	bool set;
	uint32_t eip;
	struct snp_vmsas v;
};

struct identify {
	enum identify_mode mode;
	size_t digest_size;
	uint8_t digest[SNP_DIGEST], reversed[SNP_DIGEST];
	size_t vcpus, max_vcpus;
	bool has_kernel;
	struct sev_hashes hashes; /* as expected */
	uint8_t no_initrd[32];	  /* hash of nothing */
	struct {
		const char *name;
		bool given;
		uint8_t sum[SNP_DIGEST];
	} files[3]; /* hashes of the digest's size */

	struct identify_firmware *firmware[IDENTIFY_MAX_FIRMWARE];
	struct identify_cmdline cmdlines[IDENTIFY_MAX_CMDLINES];
	enum snp_vmm vmms[SNP_NR_VMMS];
	uint32_t cpus[IDENTIFY_MAX_CPUS];
	uint64_t features[IDENTIFY_MAX_FEATURES];
	size_t nr[IDENTIFY_NR_CHOICES]; /* of choices */

	struct hash *sha384;
	struct identify_vmsas vmsas[SNP_NR_VMMS][IDENTIFY_MAX_CPUS]
				   [IDENTIFY_MAX_FEATURES];
};

/* Fills the lists of choices but firmware. */
int identify_variants(struct identify *q, const struct identify_expected *x,
		      struct err *e);

/* The command lines that may have become of a given one. */
int identify_cmdlines(struct identify *q, struct identify_bytes given,
		      struct err *e);

/* Whether the VMM puts the signature of the CPU into a VMSA. */
bool identify_measures_cpu(enum snp_vmm vmm);

/* One configuration, to which vCPU after vCPU is added. */
struct identify_chain {
	struct snp_launch snp;
	const struct snp_vmsas *vmsas;
	struct hash *sha256;
	uint8_t bsp[SNP_PAGE], ap[SNP_PAGE];
	size_t max_vcpus; /* 1, if it is unknown where the others start */
};

/* A chain for any number of configurations. NULL: *e says why. */
struct identify_chain *identify_chain_new(struct identify *q, struct err *e);
void identify_chain_free(struct identify_chain *c);

/* Starts a configuration; false if no VMM launches it. */
bool identify_chain_begin(struct identify *q, struct identify_chain *c,
			  const size_t at[IDENTIFY_NR_CHOICES]);
void identify_chain_add(struct identify *q, struct identify_chain *c, size_t i);

/* The digest of the vCPUs so far. */
void identify_chain_digest(struct identify *q, struct identify_chain *c,
			   uint8_t out[SNP_DIGEST]);

#endif
