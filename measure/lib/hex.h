/* SPDX-License-Identifier: Apache-2.0 */
/* hex.h: bytes and hexadecimal text. */
#ifndef MOTE_HEX_H
#define MOTE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lower case and a NUL: out has 2 * n + 1 bytes. */
void hex_format(const uint8_t *p, size_t n, char *out);

/* Exactly 2 * n digits of either case, nothing else. */
bool hex_parse(const char *s, uint8_t *out, size_t n);

#endif
