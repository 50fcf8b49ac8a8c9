/* SPDX-License-Identifier: Apache-2.0 */
/* rd.h: the bounded reader, the only way to hostile bytes. */
#ifndef MOTE_RD_H
#define MOTE_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A view of len bytes, which it borrows, and a position in it: pos <= len
 * always. A read past the end gives zeros and sets failed, which stays set;
 * check it once for each record, before any value of the record is used.
 */
struct rd {
	const uint8_t *base;
	size_t len, pos;
	bool failed;
};

struct rd rd_of(const void *p, size_t len);

/* Integers are little-endian. */
uint8_t rd_u8(struct rd *r);
uint16_t rd_le16(struct rd *r);
uint32_t rd_le32(struct rd *r);
uint64_t rd_le64(struct rd *r);

/* A borrowed view of the next n bytes, or NULL. n may be 0. */
const uint8_t *rd_bytes(struct rd *r, size_t n);

/* Copies the next n bytes, or zeros. */
void rd_copy(struct rd *r, void *out, size_t n);

/* Moves to an offset from the beginning; beyond len fails. */
void rd_seek(struct rd *r, uint64_t off);

void rd_skip(struct rd *r, uint64_t n);

/* Whether the next n bytes are all zero; they are skipped. */
bool rd_zero(struct rd *r, size_t n);

/* A reader of n bytes from off, which cannot leave them; else failed. */
struct rd rd_sub(const struct rd *r, uint64_t off, uint64_t n);

size_t rd_left(const struct rd *r);

/* Nothing failed and nothing is left. */
bool rd_done(const struct rd *r);

#endif
