/* SPDX-License-Identifier: Apache-2.0 */
/* wr.h: the bounded writer of structures that are measured. */
#ifndef MOTE_WR_H
#define MOTE_WR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * len bytes, which it borrows, and a position in them. A write past the end
 * writes nothing and sets failed, which stays set.
 */
struct wr {
	uint8_t *base;
	size_t len, pos;
	bool failed;
};

/* Starts with all bytes zero. */
struct wr wr_of(void *p, size_t len);

/* Integers are little-endian. */
void wr_u8(struct wr *w, uint8_t v);
void wr_le16(struct wr *w, uint16_t v);
void wr_le32(struct wr *w, uint32_t v);
void wr_le64(struct wr *w, uint64_t v);

void wr_bytes(struct wr *w, const void *p, size_t n);

/* Moves to an offset from the beginning; beyond len fails. */
void wr_seek(struct wr *w, size_t off);

/* n bytes stay as they are. */
void wr_skip(struct wr *w, size_t n);

#endif
