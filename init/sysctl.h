/* SPDX-License-Identifier: Apache-2.0 */
/* sysctl.h: kernel settings, each read back after it is written. */
#pragma once

/* Sets /proc/sys/NAME to value and reads it back; dies when it differs. */
void sysctl_set(const char *name, const char *value);

/* Sets every row of the compiled-in table. */
void sysctl_table(void);
