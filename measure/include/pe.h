/* SPDX-License-Identifier: Apache-2.0 */
/* pe.h: a bounded view of a PE32+ file. */
#ifndef MOTE_PE_H
#define MOTE_PE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum {
	PE_MAX_SECTIONS = 96,
	PE_MAX_DIRECTORIES = 16,
	PE_DIR_CERTIFICATE = 4,
	PE_MACHINE_X86_64 = 0x8664,
	PE_SUBSYSTEM_EFI_APPLICATION = 10,
};

struct pe_section {
	char name[9]; /* printable ASCII; ends in a NUL */
	uint32_t virtual_size, virtual_address;
	uint32_t raw_size, raw_offset; /* in the file */
	uint32_t characteristics;
};

/*
 * What pe_parse() found; no pointer into the file is kept. Offsets are those
 * in the file. The hash of Authenticode covers the headers, but neither the
 * checksum (4 bytes) nor the certificate entry (8 bytes), then the sections
 * in this order, then what follows, but not the certificates.
 */
struct pe {
	uint64_t size; /* of the file */
	uint16_t machine, characteristics, subsystem;
	uint32_t header_offset; /* of "PE\0\0" */
	uint32_t timestamp, entry, size_of_image, size_of_headers;
	uint32_t section_alignment, file_alignment;
	uint64_t image_base;
	uint32_t checksum, checksum_offset;
	uint32_t nr_directories;
	uint32_t cert_entry_offset;		     /* 0: no such entry */
	uint32_t cert_offset, cert_size;	     /* 0, 0: not signed */
	struct pe_section sections[PE_MAX_SECTIONS]; /* by raw_offset */
	size_t nr_sections;
};

/*
 * Reads the headers (Microsoft, PE Format). Headers and sections must be within
 * the file, in this order, and not overlap; else RC_FORMAT. PE32 is
 * RC_UNSUPPORTED, more than PE_MAX_SECTIONS RC_LIMIT.
 */
int pe_parse(const uint8_t *p, size_t n, struct pe *pe, struct err *e);

/* The first section of that name, a part of pe, or NULL. */
const struct pe_section *pe_section(const struct pe *pe, const char *name);

#endif
