/* SPDX-License-Identifier: Apache-2.0 */
/* crc32.h: the CRC-32 of ISO/IEC 13239, as zlib has it. */
#ifndef MOTE_CRC32_H
#define MOTE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Continues crc, which is 0 at first, with n bytes. */
uint32_t crc32(uint32_t crc, const uint8_t *p, size_t n);

#endif
