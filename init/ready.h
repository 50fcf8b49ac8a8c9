/* SPDX-License-Identifier: Apache-2.0 */
/* ready.h: wait for a path to appear, without polling. */
#pragma once

#include <stdbool.h>

/* Returns a descriptor that becomes readable when ready_check should be called
 * again; dies on failure. */
int ready_open(void);

/* True if path exists. If not, watches the deepest directory on the way to it
 * that does; the watch replaces the one before. */
bool ready_check(const char *path);
