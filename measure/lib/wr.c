/* SPDX-License-Identifier: Apache-2.0 */
/* wr.c: the bounded writer of structures that are measured. */
#include <string.h>

#include "wr.h"

struct wr wr_of(void *p, size_t len)
{
	memset(p, 0, len);
	return (struct wr){.base = p, .len = len};
}

static uint8_t *take(struct wr *w, size_t n)
{
	uint8_t *p;

	if (w->failed || n > w->len - w->pos) {
		w->failed = true;
		return NULL;
	}
	p = w->base + w->pos;
	w->pos += n;
	return p;
}

static void le(struct wr *w, uint64_t v, size_t n)
{
	uint8_t *p = take(w, n);

	for (size_t i = 0; p && i < n; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

void wr_u8(struct wr *w, uint8_t v)
{
	le(w, v, 1);
}

void wr_le16(struct wr *w, uint16_t v)
{
	le(w, v, 2);
}

void wr_le32(struct wr *w, uint32_t v)
{
	le(w, v, 4);
}

void wr_le64(struct wr *w, uint64_t v)
{
	le(w, v, 8);
}

void wr_bytes(struct wr *w, const void *p, size_t n)
{
	uint8_t *to = take(w, n);

	if (to && n > 0)
		memcpy(to, p, n);
}

void wr_seek(struct wr *w, size_t off)
{
	if (off > w->len)
		w->failed = true;
	else
		w->pos = off;
}

void wr_skip(struct wr *w, size_t n)
{
	(void)take(w, n);
}
