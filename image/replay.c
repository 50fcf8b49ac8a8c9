/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c: the file tree that the layers of an image describe. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "replay.h"

enum {
	NR_BUCKETS = 65536,
	MAX_SYMLINKS = 255, /* followed while resolving one path */
	MAX_DEPTH = 512,    /* directories below one another */
};

struct replay {
	struct replay_node root;
	struct replay_inode root_inode;
	struct replay_node *bucket[NR_BUCKETS];
	unsigned int layer;
	bool whiteouts;
};

static size_t hash(const struct replay_node *parent, const char *name)
{
	uint64_t h = 14695981039346656037ULL ^ (uintptr_t)parent; /* FNV-1a */

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 1099511628211ULL;
	return (size_t)((h ^ h >> 32) % NR_BUCKETS);
}

int replay_new(struct replay **out, struct err *e)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (!r)
		return err_nomem(e);
	r->root_inode.type = S_IFDIR;
	r->root_inode.mode = 0755;
	r->root.inode = &r->root_inode;
	*out = r;
	return RC_OK;
}

void replay_begin_layer(struct replay *r, bool whiteouts)
{
	r->layer++;
	r->whiteouts = whiteouts;
}

struct replay_node *replay_root(struct replay *r)
{
	return &r->root;
}

struct replay_node *replay_find(struct replay *r,
				const struct replay_node *parent,
				const char *name)
{
	struct replay_node *n = r->bucket[hash(parent, name)];

	while (n && (n->parent != parent || strcmp(n->name, name) != 0))
		n = n->chain;
	return n;
}

static struct replay_inode *new_inode(mode_t type)
{
	struct replay_inode *i = calloc(1, sizeof(*i));

	if (i) {
		i->type = type;
		i->mode = 0755; /* of a parent that no layer mentions */
	}
	return i;
}

static void put_inode(struct replay_inode *i)
{
	if (--i->nr_links > 0)
		return;
	free(i->target);
	free(i);
}

/* Adds a node for the inode, of which it takes a reference. */
static struct replay_node *add_node(struct replay *r,
				    struct replay_node *parent,
				    const char *name, struct replay_inode *i)
{
	struct replay_node *n = calloc(1, sizeof(*n));
	size_t slot = hash(parent, name);

	if (!n)
		return NULL;
	n->name = strdup(name);
	if (!n->name) {
		free(n);
		return NULL;
	}
	n->inode = i;
	i->nr_links++;
	n->parent = parent;
	n->next = parent->child;
	if (n->next)
		n->next->prev = n;
	parent->child = n;
	parent->nr_children++;
	n->chain = r->bucket[slot];
	r->bucket[slot] = n;
	return n;
}

static void remove_node(struct replay *r, struct replay_node *n)
{
	struct replay_node **p = &r->bucket[hash(n->parent, n->name)];

	while (n->child)
		remove_node(r, n->child);
	while (*p != n)
		p = &(*p)->chain;
	*p = n->chain;
	if (n->prev)
		n->prev->next = n->next;
	else
		n->parent->child = n->next;
	if (n->next)
		n->next->prev = n->prev;
	n->parent->nr_children--;
	put_inode(n->inode);
	free(n->name);
	free(n);
}

void replay_free(struct replay *r)
{
	if (!r)
		return;
	while (r->root.child)
		remove_node(r, r->root.child);
	free(r);
}

/* A path being resolved: what is left, where we are, and what is missing. */
struct walk {
	char rest[2 * (LAYER_MAX_PATH + 1)];
	struct replay_node *at;
	/* Components below "at" that do not exist, separated by '/'. */
	char missing[2 * (LAYER_MAX_PATH + 1)];
	unsigned int nr_symlinks;
};

static void drop_last(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
}

static bool append(char *path, size_t size, const char *name)
{
	size_t len = strlen(path);

	if (len + strlen(name) + 2 > size)
		return false;
	if (len > 0)
		path[len++] = '/';
	strcpy(path + len, name);
	return true;
}

/* Puts the target of a symlink in front of what is left. */
static bool follow(struct replay *r, struct walk *w, const char *target)
{
	char rest[sizeof(w->rest)];
	size_t len = strlen(target);

	if (++w->nr_symlinks > MAX_SYMLINKS ||
	    len + strlen(w->rest) + 2 > sizeof(rest))
		return false;
	strcpy(rest, target);
	rest[len] = '/';
	strcpy(rest + len + 1, w->rest);
	strcpy(w->rest, rest);
	if (target[0] == '/')
		w->at = &r->root;
	return true;
}

static bool step(struct replay *r, struct walk *w, const char *name)
{
	struct replay_node *n;

	if (name[0] == '\0' || strcmp(name, ".") == 0)
		return true;
	if (strcmp(name, "..") == 0) {
		if (w->missing[0])
			drop_last(w->missing);
		else if (w->at->parent)
			w->at = w->at->parent;
		return true;
	}
	n = w->missing[0] ? NULL : replay_find(r, w->at, name);
	if (n && n->inode->type == S_IFLNK)
		return follow(r, w, n->inode->target);
	if (n && n->inode->type == S_IFDIR) {
		w->at = n;
		return true;
	}
	return append(w->missing, sizeof(w->missing), name);
}

/* Resolves path inside the tree. False: too long or too many symlinks. */
static bool resolve(struct replay *r, struct walk *w, const char *path)
{
	memset(w, 0, sizeof(*w));
	w->at = &r->root;
	strcpy(w->rest, path); /* at most LAYER_MAX_PATH bytes */
	while (w->rest[0]) {
		char name[sizeof(w->rest)];
		size_t n = strcspn(w->rest, "/");

		memcpy(name, w->rest, n);
		name[n] = '\0';
		n += w->rest[n] == '/';
		memmove(w->rest, w->rest + n, strlen(w->rest + n) + 1);
		if (!step(r, w, name))
			return false;
	}
	return true;
}

/* Makes what resolve() found missing. */
static int make_missing(struct replay *r, struct walk *w, const char *file,
			const char *path, struct err *e)
{
	char *save, *name = strtok_r(w->missing, "/", &save);

	for (; name; name = strtok_r(NULL, "/", &save)) {
		struct replay_inode *i;
		struct replay_node *n;

		if (replay_find(r, w->at, name))
			return err_set(e, RC_FORMAT,
				       "%s: entry %s: a parent of it is not a "
				       "directory",
				       file, path);
		i = new_inode(S_IFDIR);
		if (!i)
			return err_nomem(e);
		n = add_node(r, w->at, name, i);
		if (!n) {
			free(i);
			return err_nomem(e);
		}
		w->at = n;
	}
	return RC_OK;
}

/* Removes n unless this layer wrote it; then only what lies below. */
static void white_out(struct replay *r, struct replay_node *n, bool keep_top)
{
	struct replay_node *c, *next;

	if (n->layer != r->layer && !keep_top) {
		remove_node(r, n);
		return;
	}
	for (c = n->child; c; c = next) {
		next = c->next;
		white_out(r, c, false);
	}
}

static void apply_whiteout(struct replay *r, struct walk *w, const char *name)
{
	struct replay_node *n;

	if (w->missing[0])
		return; /* nothing to remove */
	if (strcmp(name, ".wh..wh..opq") == 0) {
		white_out(r, w->at, true);
		return;
	}
	n = replay_find(r, w->at, name + 4);
	if (n)
		white_out(r, n, false);
}

static int link_target(struct replay *r, const char *file,
		       const struct layer_entry *ent, struct replay_inode **i,
		       struct err *e)
{
	const char *slash = strrchr(ent->link, '/');
	const char *name = slash ? slash + 1 : ent->link;
	struct replay_node *n = NULL;
	char dir[LAYER_MAX_PATH + 1];
	struct walk w;

	memcpy(dir, ent->link, (size_t)(name - ent->link));
	dir[name - ent->link] = '\0';
	if (resolve(r, &w, dir) && !w.missing[0])
		n = replay_find(r, w.at, name);
	if (!n || n->inode->type == S_IFDIR)
		return err_set(e, RC_FORMAT,
			       "%s: entry %s: hard link to %s, which is not a "
			       "file",
			       file, ent->path, ent->link);
	*i = n->inode;
	return RC_OK;
}

static int put_entry(struct replay *r, const char *file,
		     struct replay_node *dir, const char *name,
		     const struct layer_entry *ent, struct err *e)
{
	struct replay_node *n = replay_find(r, dir, name);
	struct replay_inode *i = NULL;
	int rc;

	/* Only a directory may take the place of a directory and keep it. */
	if (n && !(n->inode->type == S_IFDIR && ent->type == S_IFDIR)) {
		remove_node(r, n);
		n = NULL;
	}
	if (ent->link) {
		rc = link_target(r, file, ent, &i, e);
		if (rc)
			return rc;
	} else if (!n) {
		i = new_inode(ent->type);
		if (i && ent->symlink)
			i->target = strdup(ent->symlink);
		if (!i || (ent->symlink && !i->target)) {
			free(i);
			return err_nomem(e);
		}
	}
	if (!n) {
		n = add_node(r, dir, name, i);
		if (!n)
			return err_nomem(e); /* the program ends: i may leak */
	}
	if (!ent->link) {
		n->inode->mode = ent->mode;
		n->inode->uid = ent->uid;
		n->inode->gid = ent->gid;
	}
	for (; n; n = n->parent)
		n->layer = r->layer;
	return RC_OK;
}

static unsigned int depth_of(const struct replay_node *n)
{
	unsigned int depth = 0;

	for (; n; n = n->parent)
		depth++;
	return depth;
}

int replay_entry(struct replay *r, const char *file,
		 const struct layer_entry *ent, struct err *e)
{
	const char *slash = strrchr(ent->path, '/');
	const char *name = slash ? slash + 1 : ent->path;
	char dir[LAYER_MAX_PATH + 1];
	struct walk w;
	int rc;

	if (ent->path[0] == '\0') {
		r->root_inode.mode = ent->mode;
		r->root_inode.uid = ent->uid;
		r->root_inode.gid = ent->gid;
		return RC_OK;
	}
	memcpy(dir, ent->path, (size_t)(name - ent->path));
	dir[name - ent->path] = '\0';
	if (!resolve(r, &w, dir))
		return err_set(e, RC_FORMAT,
			       "%s: entry %s: too many symlinks in its path",
			       file, ent->path);
	if (r->whiteouts && strncmp(name, ".wh.", 4) == 0) {
		apply_whiteout(r, &w, name);
		return RC_OK;
	}
	rc = make_missing(r, &w, file, ent->path, e);
	if (rc)
		return rc;
	if (depth_of(w.at) > MAX_DEPTH)
		return err_set(e, RC_LIMIT, "%s: entry %s: deeper than %d",
			       file, ent->path, MAX_DEPTH);
	return put_entry(r, file, w.at, name, ent, e);
}
