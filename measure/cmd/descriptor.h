/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor.h: what SNP needs to know of a firmware image, as a small file. */
#ifndef MOTE_DESCRIPTOR_H
#define MOTE_DESCRIPTOR_H

#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "err.h"
#include "ovmf.h"
#include "snp.h"

#define DESCRIPTOR_SCHEMA "mote-firmware-1"

/*
 * Of ovmf only these are set: size, has_reset and reset_eip, hashes, has_sev
 * and the sections of the SEV metadata. seed is the launch digest after all
 * pages of the firmware: with it the other pages can follow.
 */
struct firmware_descriptor {
	struct ovmf ovmf;
	uint8_t seed[SNP_DIGEST];
	uint8_t sha256[32];
	uint64_t size;
};

/* The file as JSON; NULL: out of memory. */
json_t *descriptor_json(const struct firmware_descriptor *d);

/*
 * Reads the text of such a file; name is for messages. Exactly the keys of the
 * schema must be there: reset_eip, hashes_area and sev_sections may be null.
 */
int descriptor_parse(const char *text, size_t len, const char *name,
		     struct firmware_descriptor *d, struct err *e);

/* Makes one of an image, which must be of whole pages and not empty. */
int descriptor_of(const uint8_t *image, size_t size,
		  struct firmware_descriptor *d, struct err *e);

#endif
