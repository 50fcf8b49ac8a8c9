/* SPDX-License-Identifier: Apache-2.0 */
/* cmdline.h: the kernel command line, word by word. */
#pragma once

/* The longest line the kernel keeps (COMMAND_LINE_SIZE, x86). */
#define CMDLINE_MAX 2048

/* Reads /proc/cmdline once; dies when that fails. */
void cmdline_read(void);

/* The value of the first word that starts with "NAME=", quotes removed, in a
 * static buffer; NULL if there is none. */
const char *cmdline_value(const char *name);

/* Dies unless each word is on the compiled-in list and occurs exactly once. */
void cmdline_check(void);
