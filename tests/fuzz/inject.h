/* SPDX-License-Identifier: Apache-2.0 */
/* inject.h: parsers of mote-measure under libFuzzer, with calls that fail. */
#ifndef MOTE_INJECT_H
#define MOTE_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/*
 * An input is a header and the bytes for the parser:
 *
 *   0 u8 rate: 0 nothing fails; 255 one call fails, number u16 at 2, from 0;
 *     else each call fails with a probability of rate / 256
 *   1 u8 which calls fail (enum inject_kind), and modes of the harness
 *   2 u16 seed of the failures
 *
 * one() is called without failures, with those of the header and without them
 * again. The first and the last must give the same. With failures a step may
 * fail, but never succeed with anything else than it gave without.
 */
enum inject_kind {
	INJECT_OWN = 0x01,    /* malloc and so on of mote-measure */
	INJECT_CRYPTO = 0x02, /* functions of libcrypto that it calls */
	INJECT_MEMORY = 0x04, /* malloc of libcrypto */
	INJECT_JSON = 0x08,   /* malloc of jansson */
	INJECT_ALL = 0x0f,
	RUN_MODE = 0x70,   /* for one() to decide upon */
	RUN_REPAIR = 0x80, /* one() repairs checksums */
};
enum { INJECT_HEADER = 4, RUN_MAX_STEPS = 96 };

/* What one call of a parser said. */
struct step {
	char name[24];
	int rc;
	char msg[sizeof(((struct err *)0)->msg)];
	uint64_t sum; /* of what it gave */
};

struct run {
	uint8_t *p; /* a copy of its own */
	size_t n;
	unsigned int mode; /* RUN_MODE and RUN_REPAIR */
	struct step steps[RUN_MAX_STEPS];
	size_t nr_steps;
};

/* The harness. */
void one(struct run *r);

/* Notes a call, whose name is unique in a run. Returns rc. */
int step(struct run *r, int rc, const struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Notes bytes, without padding, that the last step gave. */
void gives(struct run *r, const void *p, size_t n);
void gives_number(struct run *r, uint64_t v);
void gives_text(struct run *r, const char *s);

/* What must hold in every case. */
#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			must_failed(__FILE__, __LINE__, #x);                   \
	} while (0)
_Noreturn void must_failed(const char *file, int line, const char *what);

/* Whether this call is to fail. */
bool inject(enum inject_kind kind);

/* Nothing fails until paused is false again. */
void inject_pause(bool paused);

#endif
