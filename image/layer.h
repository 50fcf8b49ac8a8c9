/* SPDX-License-Identifier: Apache-2.0 */
/* layer.h: reading one tar (a layer of an image, or a root tree). */
#ifndef MOTE_LAYER_H
#define MOTE_LAYER_H

#include <stdint.h>
#include <sys/types.h>

#include "err.h"

enum {
	LAYER_MAX_PATH = 4095,
	LAYER_MAX_NAME = 255,
	LAYER_MAX_DEPTH = 256,	     /* components of one path */
	LAYER_MAX_ENTRIES = 1000000, /* of all layers together */
};
#define LAYER_MAX_BYTES (64ULL << 30) /* of all files together */

/* What was seen so far, over all layers. */
struct layer_totals {
	uint64_t entries;
	uint64_t bytes;
	uint64_t nr_dropped; /* extended attributes that are not kept */
	char dropped[512];   /* the first of them: "NAME of /PATH" */
};

/*
 * One entry, checked: it is a file, directory, symlink, FIFO or hard link, its
 * path has no ".." and does not lie below /.mote, it has no file capability
 * and no ACL. Pointers are valid until the next call.
 */
struct layer_entry {
	const char *path; /* no leading slash, "" is the root itself */
	const char *link; /* hard link: path of its target, likewise */
	const char *symlink;
	mode_t type; /* S_IFREG ...; 0 for a hard link */
	mode_t mode; /* at most 07777 */
	uint32_t uid, gid;
};

struct layer;

/* tar, uncompressed or gzip, xz or zstd. The totals outlive the layer. */
int layer_open(const char *file, struct layer_totals *totals,
	       struct layer **out, struct err *e);

/* The next entry; at the end ent->path is NULL. */
int layer_next(struct layer *l, struct layer_entry *ent, struct err *e);

void layer_close(struct layer *l);

#endif
