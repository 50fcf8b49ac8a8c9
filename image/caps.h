/* SPDX-License-Identifier: Apache-2.0 */
/* caps.h: names of Linux capabilities, as in capabilities(7). */
#ifndef MOTE_CAPS_H
#define MOTE_CAPS_H

#include <stdbool.h>
#include <stdint.h>

/* What container runtimes leave to a process of uid 0. */
#define CAPS_DEFAULT 0xa80425fbULL

/* Bit mask of a name such as "NET_RAW" or "CAP_NET_RAW"; 0 if unknown. */
uint64_t caps_mask(const char *name);

/* Name of capability nr without "CAP_", or NULL past the last one. */
const char *caps_name(unsigned int nr);

#endif
