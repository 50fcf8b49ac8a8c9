/* SPDX-License-Identifier: Apache-2.0 */
/* ovmf.h: the tables that guest firmware carries for the VMM. */
#ifndef MOTE_OVMF_H
#define MOTE_OVMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/*
 * Source: edk2 OvmfPkg/ResetVector (GUIDed structures at the end of the
 * image, SEV, TDX and IGVM metadata), QEMU hw/i386/pc_sysfw_ovmf.c and
 * target/i386/sev.c. All integers are little-endian, sizes are bytes, gpa is a
 * guest physical address.
 */
enum {
	OVMF_MAX_ENTRIES = 64,	/* of the GUIDed table */
	OVMF_MAX_SECTIONS = 64, /* of each kind of metadata */
};

/* Kinds of SEV metadata; QEMU takes any other for SNP_SEC_MEM. */
enum ovmf_sev_kind {
	OVMF_SNP_SEC_MEM = 1,
	OVMF_SNP_SECRETS = 2,
	OVMF_SNP_CPUID = 3,
	OVMF_SNP_SVSM_CAA = 4,
	OVMF_SNP_KERNEL_HASHES = 0x10,
};

struct ovmf_sev_section {
	uint32_t gpa, size, kind;
};

/* Type 0 BFV, 1 CFV, 2 TD_HOB, 3 TEMP_MEM; attribute bit 0 MR.EXTEND. */
struct ovmf_tdx_section {
	uint32_t data_offset, raw_size; /* in the file */
	uint64_t gpa, mem_size;
	uint32_t type, attributes;
};

/* id 0x100 parameters, 0x101 memory map, 0x102 vCPU count, 0x200 HOBs */
struct ovmf_igvm_section {
	uint32_t start, size, id;
};

struct ovmf_entry {
	uint8_t guid[16];
	uint32_t offset, size; /* of its data, in the file */
};

struct ovmf_area {
	bool present;
	uint32_t base, size;
};

/* What ovmf_parse() found; no pointer into the image is kept. */
struct ovmf {
	uint64_t size; /* of the image */
	bool has_table;
	struct ovmf_entry entries[OVMF_MAX_ENTRIES]; /* from the end */
	size_t nr_entries;
	bool has_reset;
	uint32_t reset_eip; /* where application processors start */
	struct ovmf_area secret, hashes;
	bool has_sev, has_tdx, has_igvm;
	uint32_t sev_version;
	struct ovmf_sev_section sev[OVMF_MAX_SECTIONS];
	size_t nr_sev;
	struct ovmf_tdx_section tdx[OVMF_MAX_SECTIONS];
	size_t nr_tdx;
	struct ovmf_igvm_section igvm[OVMF_MAX_SECTIONS];
	size_t nr_igvm;
};

/*
 * Reads the GUIDed table and the SEV metadata of an image. An image without a
 * table, or without some of the entries, is no error: has_* and present tell.
 * A table or SEV metadata that QEMU would refuse is RC_FORMAT, more entries or
 * sections than the limits RC_LIMIT. TDX and IGVM metadata are not looked at:
 * a launch that does not need them does not fail because of them.
 */
int ovmf_parse(const uint8_t *image, size_t size, struct ovmf *o,
	       struct err *e);

/* The same for TDX and IGVM metadata of an image that ovmf_parse() has read. */
int ovmf_parse_tdx(const uint8_t *image, size_t size, struct ovmf *o,
		   struct err *e);
int ovmf_parse_igvm(const uint8_t *image, size_t size, struct ovmf *o,
		    struct err *e);

/* Whether the SEV metadata has a section of that kind. */
bool ovmf_has_sev_kind(const struct ovmf *o, uint32_t kind);

/* "SNP_SEC_MEM" and so on; "unknown" for others. */
const char *ovmf_sev_kind_name(uint32_t kind);

#endif
