/* SPDX-License-Identifier: Apache-2.0 */
/* owners.h: giving an unpacked tree its owners and modes, under fakeroot. */
#ifndef MOTE_OWNERS_H
#define MOTE_OWNERS_H

#include "layer.h"
#include "replay.h"

/*
 * Checks that the tree is exactly what the layers describe, path by path, and
 * gives every file the owner and mode of its layer. The record that umoci left
 * on a file must say the same, and is removed. RC_MISMATCH if the tree and the
 * layers disagree.
 */
int owners_apply(const char *tree, struct replay *r, struct err *e);

/* Gives everything to root; modes stay as they are on disk. */
int owners_all_root(const char *tree, struct err *e);

/*
 * Checks a directory that is to become a root tree: no device nodes, sockets,
 * capabilities, ACLs, and nothing below /.mote.
 */
int owners_check_tree(const char *dir, struct layer_totals *t, struct err *e);

#endif
