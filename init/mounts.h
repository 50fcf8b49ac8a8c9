/* SPDX-License-Identifier: Apache-2.0 */
/* mounts.h: the mount table of the guest. */
#pragma once

#include "conf.h"

/* Mounts the kernel's file systems and the standard tmpfs; dies on failure. */
void mount_standard(void);

/* Mounts one tmpfs of the measured configuration; dies on failure. */
void mount_writable(const struct conf_tmpfs *t);

/* Makes /proc/sys read-only, after the last sysctl was written. */
void mount_seal(void);
