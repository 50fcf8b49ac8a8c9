/* SPDX-License-Identifier: Apache-2.0 */
/* ecdsa_parts.h: what the two files of ecdsa.h share. */
#ifndef MOTE_ECDSA_PARTS_H
#define MOTE_ECDSA_PARTS_H

#include "err.h"

/*
 * Sets message and returns rc, or RC_IO if the error queue of libcrypto, which
 * is emptied, says that its memory ran out or that it failed by itself.
 */
int ecdsa_failed(struct err *e, int rc, const char *message);

#endif
