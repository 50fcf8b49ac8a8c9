/* SPDX-License-Identifier: Apache-2.0 */
/* igvm_parse.h: the state of the IGVM parser, between its files. */
#ifndef MOTE_IGVM_PARSE_H
#define MOTE_IGVM_PARSE_H

#include "igvm.h"
#include "rd.h"

struct igvm_area {
	uint32_t index;
	bool inserted;
	uint64_t size;
};

struct igvm_kind;

struct igvm_parser {
	struct igvm *g;
	const struct igvm_kind *kind; /* of the header at hand */
	struct rd file;
	uint64_t data_begin; /* the first byte behind the variable headers */
	uint32_t masks;	     /* of all platforms so far */
	struct igvm_area areas[IGVM_MAX_AREAS];
	size_t nr_areas, max_directives;
};

/* What is known of a type of header; parse() fills d from r, or refuses. */
struct igvm_kind {
	uint32_t type;
	const char *name;
	uint32_t length;
	int (*parse)(struct igvm_parser *p, struct rd *r,
		     struct igvm_directive *d, struct err *e);
	uint32_t needs; /* bytes that a parameter takes at least */
	bool in_qemu;	/* whether QEMU's loader knows it */
};

/* The directive of that type, or NULL. */
const struct igvm_kind *igvm_directive_kind(uint32_t type);

/* RC_FORMAT unless mask names platforms of the file, and at least one. */
int igvm_check_mask(const struct igvm_parser *p, const struct igvm_directive *d,
		    struct err *e);

#endif
