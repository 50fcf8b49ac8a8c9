/* SPDX-License-Identifier: Apache-2.0 */
/* strv.h: a growing list of strings. */
#ifndef MOTE_STRV_H
#define MOTE_STRV_H

#include <stddef.h>

#include "err.h"

/* v has n strings, which belong to the list. Starts as all zero bytes. */
struct strv {
	char **v;
	size_t n;
};

/* Appends a copy of s. */
int strv_add(struct strv *l, const char *s, struct err *e);

/* Appends a formatted string of at most 1023 bytes. */
int strv_addf(struct strv *l, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Replaces the entry that starts with the same NAME=, or appends. */
int strv_set_env(struct strv *l, const char *assignment, struct err *e);

/* The value of NAME in a list of NAME=VALUE, or NULL. */
const char *strv_env(const struct strv *l, const char *name);

void strv_free(struct strv *l);

#endif
