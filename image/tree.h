/* SPDX-License-Identifier: Apache-2.0 */
/* tree.h: access to a root tree that never leaves it. */
#ifndef MOTE_TREE_H
#define MOTE_TREE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "err.h"

/*
 * The tree is hostile input: absolute symlinks and ".." in it mean the tree's
 * own root, as they will in the guest (openat2 with RESOLVE_IN_ROOT, Linux
 * 5.6). Paths given here are absolute and without "." and ".." components.
 * Owners and modes are seen and set as fakeroot shows them.
 */
struct tree {
	int fd;
	char path[PATH_MAX]; /* of the tree on this machine, resolved */
};

int tree_open(struct tree *t, const char *path, struct err *e);
void tree_close(struct tree *t);

/* Stats path, symlinks followed. *exists is false if there is no such file. */
int tree_stat(const struct tree *t, const char *path, struct stat *st,
	      bool *exists, struct err *e);

/* Loads a file of at most max bytes; *data is NULL if there is none. */
int tree_load(const struct tree *t, const char *path, size_t max, char **data,
	      size_t *len, struct err *e);

/*
 * Writes to out the path with all symlinks resolved; what does not exist is
 * kept as it is. RC_FORMAT if a parent is no directory or a symlink dangles.
 */
int tree_resolve(const struct tree *t, const char *path, char out[PATH_MAX],
		 struct err *e);

/*
 * Makes a directory unless it is there: mode as given, parents 0755, all owned
 * by root. Anything else in the way, also a symlink, is RC_FORMAT.
 */
int tree_make_dir(const struct tree *t, const char *path, mode_t mode,
		  struct err *e);

/* Number of entries in a directory, 0 if there is none. */
int tree_count(const struct tree *t, const char *path, size_t *n,
	       struct err *e);

/* Replaces /etc/NAME, whatever it is but a directory; 0644, owner root. */
int tree_put_etc(const struct tree *t, const char *name, const char *text,
		 struct err *e);

#endif
