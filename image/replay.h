/* SPDX-License-Identifier: Apache-2.0 */
/* replay.h: the file tree that the layers of an image describe. */
#ifndef MOTE_REPLAY_H
#define MOTE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "layer.h"

/*
 * Layers are applied in memory, names and metadata only, by the rules of the
 * OCI image specification (image-layout "Applying Changesets"): later entries
 * replace earlier ones, ".wh." names remove, symlinks in parent directories
 * are followed inside the tree. The result says for every path what it must
 * be, whatever the program that unpacked the layers was able to record.
 */
struct replay_inode {
	mode_t type; /* S_IFREG, S_IFDIR, S_IFLNK, S_IFIFO */
	mode_t mode;
	uint32_t uid, gid;
	unsigned int nr_links; /* nodes that share it */
	char *target;	       /* of a symlink */
};

struct replay_node {
	struct replay_inode *inode;
	struct replay_node *parent; /* NULL for the root */
	struct replay_node *child;  /* first one */
	struct replay_node *prev, *next;
	struct replay_node *chain; /* of the hash table */
	unsigned int nr_children;
	unsigned int layer; /* last one that wrote here or below */
	char *name;
};

struct replay;

/* An empty root directory, 0755 0:0. */
int replay_new(struct replay **out, struct err *e);
void replay_free(struct replay *r);

/* Starts the next layer. Whiteouts have their meaning only in images. */
void replay_begin_layer(struct replay *r, bool whiteouts);

/* Applies one entry; file names the layer in messages. */
int replay_entry(struct replay *r, const char *file,
		 const struct layer_entry *ent, struct err *e);

struct replay_node *replay_root(struct replay *r);

/* The child of that name, or NULL. */
struct replay_node *replay_find(struct replay *r,
				const struct replay_node *parent,
				const char *name);

#endif
