/* SPDX-License-Identifier: Apache-2.0 */
/* identify.h: which configuration a launch digest is of. */
#ifndef MOTE_IDENTIFY_H
#define MOTE_IDENTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "snp.h"

enum {
	IDENTIFY_MAX_FIRMWARE = 260,	     /* images */
	IDENTIFY_MAX_VCPUS = 512,	     /* tried, or the expected count */
	IDENTIFY_MAX_SECTION_PAGES = 0x4000, /* of SEV metadata, each image */
	IDENTIFY_TEXT = 8192,		     /* bytes of a text with its NUL */
	/*
	 * Hashes at most, of 112 bytes for SNP, of 4096 for SEV-ES and SEV. No
	 * difference and single ones are tried in any case, more of them at
	 * once only as long as this is kept. Each image is hashed besides.
	 */
	IDENTIFY_MAX_SNP = 5000000,
	IDENTIFY_MAX_SEV = IDENTIFY_MAX_SNP / 16,
};

enum identify_mode {
	IDENTIFY_SNP,
	IDENTIFY_SEV_ES,
	IDENTIFY_SEV,
	IDENTIFY_NR_MODES
};

/* In what a launch may differ from the expected one. */
enum identify_dimension {
	IDENTIFY_FIRMWARE,
	IDENTIFY_HASHES,  /* of kernel, initrd, command line: on, off */
	IDENTIFY_CMDLINE, /* only with hashes on */
	IDENTIFY_INITRD,  /* only with hashes on */
	IDENTIFY_VMM,
	IDENTIFY_CPU, /* only for a VMM that measures the signature */
	IDENTIFY_FEATURES,
	IDENTIFY_NR_CHOICES,
	/* Of these the choice is the number of vCPUs, and 1 for reversed. */
	IDENTIFY_VCPUS = IDENTIFY_NR_CHOICES,
	IDENTIFY_ORDER,
	IDENTIFY_NR
};

struct identify_bytes {
	const uint8_t *p; /* NULL: not given */
	size_t n;
};

/* Borrowed during identify_new() only. */
struct identify_expected {
	enum identify_mode mode;
	const uint8_t *digest; /* SNP_DIGEST or SEV_DIGEST bytes */
	/* As for sev_hashes_of(); without a kernel the others are NULL. */
	struct identify_bytes kernel, initrd, cmdline;
	enum snp_vmm vmm;
	uint32_t sig;
	uint64_t features;
	size_t vcpus; /* 1 to SNP_MAX_VCPUS; SEV: 0 */
};

enum identify_kind {
	IDENTIFY_NOTHING,
	IDENTIFY_EXPECTED,
	IDENTIFY_VARIANT,
	IDENTIFY_OTHER, /* no launch digest, but something known */
};

struct identify_result {
	enum identify_kind kind;
	size_t at[IDENTIFY_NR]; /* VARIANT: choice of each dimension, 0 is the
				   expected one, but see IDENTIFY_VCPUS */
	char other[IDENTIFY_TEXT]; /* OTHER: what it is, a clause */
	uint64_t tried;		   /* digests compared */
	unsigned combined;	   /* differences at once, all of them tried */
	bool complete;		   /* all combinations there are */
};

/*
 * One search: new, the expected firmware, further ones, run, words.
 * identify_new() gives NULL if memory or libcrypto failed: *e says why, RC_IO.
 */
struct identify;
struct identify *identify_new(const struct identify_expected *x, struct err *e);
void identify_free(struct identify *q); /* NULL is allowed */

/*
 * Adds an image of size bytes, which is not kept, nor is name; the first one is
 * the expected one, and if it begins with a variable store, the rest of it is
 * added as another. An image that was added before is left out. RC_IO ends the
 * search; others tell why this image cannot be a launch.
 */
int identify_add_firmware(struct identify *q, const char *name,
			  const uint8_t *image, size_t size, struct err *e);

/*
 * Fewest differences first, so that the result is the simplest there is; at
 * least one image was added. Finding nothing is RC_OK too: r->kind. RC_IO if
 * memory or libcrypto failed.
 */
int identify_run(struct identify *q, struct identify_result *r, struct err *e);

/*
 * Number of choices of a dimension; 0 for the two that have no list,
 * IDENTIFY_VCPUS and IDENTIFY_ORDER.
 */
size_t identify_choices(const struct identify *q, enum identify_dimension d);

/* Counts from 0 to this are tried. */
size_t identify_max_vcpus(const struct identify *q);

/* "vcpus", "command_line" and so on. */
const char *identify_dimension_name(enum identify_dimension d);

/*
 * A choice in few words: "EPYC-Milan (0x00a00f11)", "trailing space". choice
 * is less than identify_choices(), or as IDENTIFY_VCPUS says.
 */
void identify_choice(const struct identify *q, enum identify_dimension d,
		     size_t choice, char out[IDENTIFY_TEXT]);

/* The choice that is expected: 0, but for IDENTIFY_VCPUS the number. */
size_t identify_expected_choice(const struct identify *q,
				enum identify_dimension d);

/* One difference of a VARIANT as a clause; false if there is none in d. */
bool identify_difference(const struct identify *q,
			 const struct identify_result *r,
			 enum identify_dimension d, char out[IDENTIFY_TEXT]);

/* The whole result as a sentence without a full stop. */
void identify_words(const struct identify *q, const struct identify_result *r,
		    char out[IDENTIFY_TEXT]);

#endif
