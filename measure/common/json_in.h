/* SPDX-License-Identifier: Apache-2.0 */
/* json_in.h: reading of JSON that others wrote. */
#ifndef MOTE_JSON_IN_H
#define MOTE_JSON_IN_H

#include <jansson.h>
#include <stddef.h>

#include "err.h"

/* Nothing in an image index, manifest or config needs to be deeper. */
#define JSON_IN_MAX_DEPTH 32

/*
 * Before any other use of jansson: a program that runs out of memory inside of
 * it ends there, with exit status 1, since its parser would go on with half a
 * string.
 */
void json_in_start(void);

/*
 * Parses len bytes. Duplicate keys, NUL bytes in strings, trailing bytes and
 * are RC_FORMAT, more than JSON_IN_MAX_DEPTH levels RC_LIMIT. The caller owns
 * *out.
 */
int json_in_parse(const char *data, size_t len, const char *name, json_t **out,
		  struct err *e);

/* Loads a file of at most max bytes and parses it. */
int json_in_load(const char *path, size_t max, json_t **out, struct err *e);

#endif
