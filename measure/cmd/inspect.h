/* SPDX-License-Identifier: Apache-2.0 */
/* inspect.h: the parts of "inspect", one for each kind of file. */
#ifndef MOTE_INSPECT_H
#define MOTE_INSPECT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>

#include "cmd.h"
#include "err.h"
#include "hash.h"
#include "ovmf.h"

/* What is said of a file: JSON, from which the text is made too. */
struct report {
	json_t *j;	  /* an object, keys in the order of printing */
	json_t *warnings; /* an array of it; NULL until the first warning */
	bool failed;	  /* out of memory */
};

/* Sets "schema" and "kind", the first keys. */
void report_begin(struct report *r, const char *kind);

/* Takes over v; NULL is out of memory. */
void report_set(struct report *r, const char *key, json_t *v);
void report_string(struct report *r, const char *key, const char *s);
void report_integer(struct report *r, const char *key, uint64_t v);
void report_bool(struct report *r, const char *key, bool v);

/* A string of printable ASCII: other bytes become '?'. "" is null. */
void report_bytes(struct report *r, const char *key, const char *s);

/* size, sha256 and sha384 of the file that is inspected. */
void report_file(struct report *r, const struct input *in);

/* Appends v to an array, either of which may be NULL: out of memory. */
void report_append(struct report *r, json_t *array, json_t *v);

/* KEY: yes if rc is RC_OK; KEY_reason: why not. */
void report_answer(struct report *r, const char *key, int rc,
		   const struct err *why);

void report_warn(struct report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Sets "warnings", the last key. RC_IO if anything failed. */
int report_end(struct report *r, struct err *e);
void report_free(struct report *r);

/* One line for each key but schema; lists have one for each element. */
void report_text(FILE *f, json_t *j);

/*
 * Each fills a report that report_begin() did not see yet. The reason for a
 * refusal stands in e, with the path.
 */
int inspect_firmware(const struct input *in, struct report *r, struct err *e);
int inspect_kernel(const struct input *in, struct report *r, struct err *e);
int inspect_image(const char *folder, struct report *r, struct err *e);

/* The parts of a firmware report for TDX and IGVM. */
void inspect_tdx(struct report *r, const struct ovmf *o);
void inspect_igvm_sections(struct report *r, const struct ovmf *o);

/* -bios of QEMU takes multiples of it. */
enum { INSPECT_BIOS_UNIT = 64 << 10 };

/* Whether the bytes end in the table of firmware, well formed or not. */
bool inspect_is_firmware(const struct input *in);

/* Whether they begin with a store of UEFI variables. */
bool inspect_has_variables(const struct input *in);

/* Size and sums of a file, which is read block by block. */
struct sums {
	uint64_t size;
	uint8_t sha256[SHA256_SIZE], sha384[SHA384_SIZE];
};
int inspect_sum(const char *path, struct sums *s, struct err *e);

/*
 * How every command names a file. The first one puts "PATH: " in front of the
 * reason of a failure and returns rc; why may be e, and is not read if rc is
 * RC_OK. The other one is {"path", "size", "sha256"}, null if the file is not
 * given; NULL is a failure.
 */
int inspect_refuse(int rc, const char *path, const struct err *why,
		   struct err *e);
json_t *inspect_file_json(const struct input *in);

#endif
