/* SPDX-License-Identifier: Apache-2.0 */
/* rd.c: the bounded reader, the only way to hostile bytes. */
#include <string.h>

#include "rd.h"

struct rd rd_of(const void *p, size_t len)
{
	return (struct rd){.base = p, .len = len};
}

const uint8_t *rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *p;

	if (r->failed || n > r->len - r->pos) {
		r->failed = true;
		return NULL;
	}
	p = r->base + r->pos;
	r->pos += n;
	return p;
}

static uint64_t le(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint64_t v = 0;

	for (size_t i = n; p && i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)le(r, 1);
}

uint16_t rd_le16(struct rd *r)
{
	return (uint16_t)le(r, 2);
}

uint32_t rd_le32(struct rd *r)
{
	return (uint32_t)le(r, 4);
}

uint64_t rd_le64(struct rd *r)
{
	return le(r, 8);
}

void rd_copy(struct rd *r, void *out, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);

	if (p && n > 0)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

void rd_seek(struct rd *r, uint64_t off)
{
	if (off > r->len)
		r->failed = true;
	else
		r->pos = (size_t)off;
}

void rd_skip(struct rd *r, uint64_t n)
{
	if (n > r->len - r->pos)
		r->failed = true;
	else
		r->pos += (size_t)n;
}

bool rd_zero(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint8_t any = 0;

	for (size_t i = 0; p && i < n; i++)
		any |= p[i];
	return p && !any;
}

struct rd rd_sub(const struct rd *r, uint64_t off, uint64_t n)
{
	if (r->failed || off > r->len || n > r->len - off)
		return (struct rd){.base = r->base, .failed = true};
	return rd_of(r->base + off, (size_t)n);
}

size_t rd_left(const struct rd *r)
{
	return r->len - r->pos;
}

bool rd_done(const struct rd *r)
{
	return !r->failed && r->pos == r->len;
}
