/* SPDX-License-Identifier: Apache-2.0 */
/* guid.h: GUIDs as they stand in firmware. */
#ifndef MOTE_GUID_H
#define MOTE_GUID_H

#include <stdbool.h>
#include <stdint.h>

#include "rd.h"

enum { GUID_SIZE = 16, GUID_TEXT = 37 };

/* UEFI 2.10, appendix A: the first three fields are little-endian. */
struct guid {
	uint8_t b[GUID_SIZE];
};

#define GUID(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)                          \
	{                                                                      \
		{                                                              \
			(a) & 0xff, (a) >> 8 & 0xff, (a) >> 16 & 0xff,         \
				(a) >> 24 & 0xff, (b)&0xff, (b) >> 8 & 0xff,   \
				(c)&0xff, (c) >> 8 & 0xff, d0, d1, d2, d3, d4, \
				d5, d6, d7                                     \
		}                                                              \
	}

struct guid guid_read(struct rd *r);
bool guid_equal(const struct guid *a, const struct guid *b);

/* Lower case with hyphens: 96b582de-1fb2-45f7-baea-a366c55a082d */
void guid_format(const struct guid *g, char out[GUID_TEXT]);

#endif
