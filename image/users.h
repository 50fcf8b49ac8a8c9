/* SPDX-License-Identifier: Apache-2.0 */
/* users.h: names of users and groups, resolved in the tree's own files. */
#ifndef MOTE_USERS_H
#define MOTE_USERS_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "tree.h"

enum {
	USERS_MAX_FILE = 1024 * 1024,
	USERS_MAX_LINE = 65536,
	USERS_MAX_GROUPS = 64, /* supplementary ones of one user */
	USERS_MAX_HOME = 1024,
};

/* The text of /etc/passwd and /etc/group; NULL if the tree has none. */
struct users {
	char *passwd, *group;
};

struct users_ids {
	uint32_t uid, gid;
	uint32_t groups[USERS_MAX_GROUPS];
	size_t nr_groups;
	char home[USERS_MAX_HOME]; /* "/" for a user that is not listed */
};

int users_load(struct users *u, const struct tree *t, struct err *e);
void users_free(struct users *u);

/*
 * Resolves USER[:GROUP], each a name or a number, as container runtimes do:
 * "" is user 0; digits are an id, listed or not; a name must be listed. Without
 * :GROUP the group is that of passwd, or 0, and supplementary groups are those
 * of /etc/group that list the user's name. The message does not say where the
 * text came from.
 */
int users_resolve(const struct users *u, const char *spec,
		  struct users_ids *out, struct err *e);

#endif
