/* SPDX-License-Identifier: Apache-2.0 */
/* guid.c: GUIDs as they stand in firmware. */
#include <stdio.h>
#include <string.h>

#include "guid.h"

struct guid guid_read(struct rd *r)
{
	struct guid g = {{0}};

	rd_copy(r, g.b, GUID_SIZE);
	return g;
}

bool guid_equal(const struct guid *a, const struct guid *b)
{
	return memcmp(a->b, b->b, GUID_SIZE) == 0;
}

void guid_format(const struct guid *g, char out[GUID_TEXT])
{
	/* Where the bytes of the text stand in memory. */
	static const uint8_t order[GUID_SIZE] = {3, 2, 1,  0,  5,  4,  7,  6,
						 8, 9, 10, 11, 12, 13, 14, 15};
	size_t n = 0;

	for (size_t i = 0; i < GUID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[n++] = '-';
		n += (size_t)snprintf(out + n, GUID_TEXT - n, "%02x",
				      g->b[order[i]]);
	}
}
