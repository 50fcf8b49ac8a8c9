/* SPDX-License-Identifier: Apache-2.0 */
/* guard.h: proof that the root is the measured one. */
#pragma once

/*
 * Dies unless the file system at / is erofs on a read-only dm-verity device
 * that is active, uncorrupted, panics on corruption and on read errors, and
 * has the parameters that the command line names. Needs /dev and cmdline_read.
 * Logs the root hash.
 */
void guard_root(void);
