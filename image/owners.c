/* SPDX-License-Identifier: Apache-2.0 */
/* owners.c: giving an unpacked tree its owners and modes, under fakeroot. */
/*
 * umoci keeps the owner of a file in an attribute of it, but cannot do so for
 * symlinks and FIFOs, nor for anything that its unprivileged user may not
 * write, such as a file of mode 0444. So the layers decide (see replay.h), and
 * umoci's record is compared where there is one.
 *
 * Under fakeroot chown and chmod are noted down, and a chmod also makes the
 * real file readable to its real owner. So the mode is set before anything is
 * opened, and mkfs.erofs can later read a file of mode 0000.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "owners.h"
#include "xattrs.h"

enum { MAX_DEPTH = 512 };

struct owners {
	const char *tree;
	struct replay *replay; /* NULL: everything belongs to root */
	struct layer_totals *totals;
	bool check_only;
	char path[2 * LAYER_MAX_PATH + 2]; /* "/a/b" in the tree, "" = root */
	unsigned int depth;
	struct err *e;
};

static const char *shown(const struct owners *o)
{
	return o->path[0] ? o->path : "/";
}

static int bad_type(const struct owners *o, mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFLNK:
	case S_IFIFO:
		return RC_OK;
	case S_IFSOCK:
		return err_set(o->e, RC_UNSUPPORTED,
			       "%s: sockets are not supported", shown(o));
	default:
		return err_set(o->e, RC_UNSUPPORTED,
			       "%s: device nodes are not supported", shown(o));
	}
}

/* Notes an attribute that is not kept. */
static void note_dropped(const struct owners *o, const char *name)
{
	struct layer_totals *t = o->totals;

	if (t->nr_dropped++ == 0)
		(void)snprintf(t->dropped, sizeof(t->dropped),
			       "%.120s of %.380s", name,
			       shown(o)); /* may be cut off */
}

/* Attributes of the file called name in dir; node is NULL without layers. */
static int check_attributes(const struct owners *o, const char *path,
			    const struct replay_node *node)
{
	struct xattrs x;
	int rc = xattrs_check(path, shown(o), &x, o->e);

	if (rc)
		return rc;
	if (x.has_owner && !node)
		return err_set(
			o->e, RC_UNSUPPORTED,
			"%s: was unpacked by umoci, and its owners would "
			"be lost: give the image itself",
			shown(o));
	if (x.has_owner &&
	    (x.uid != node->inode->uid || x.gid != node->inode->gid))
		return err_set(o->e, RC_MISMATCH,
			       "%s: umoci recorded owner %u:%u, the layer has "
			       "%u:%u",
			       shown(o), x.uid, x.gid, node->inode->uid,
			       node->inode->gid);
	if (x.other && o->totals)
		note_dropped(o, x.other);
	return x.has_owner ? xattrs_remove_owner(path, shown(o), o->e) : RC_OK;
}

static int set_owner(const struct owners *o, int dirfd, const char *name,
		     mode_t on_disk, const struct replay_node *node)
{
	uid_t uid = node ? node->inode->uid : 0;
	gid_t gid = node ? node->inode->gid : 0;
	mode_t mode = node ? node->inode->mode : on_disk & 07777;

	if (fchownat(dirfd, name, uid, gid, AT_SYMLINK_NOFOLLOW))
		return err_sys(o->e, "%s: cannot set owner", shown(o));
	/* After chown, which clears setuid. Symlinks have no mode. */
	if (!S_ISLNK(on_disk) && fchmodat(dirfd, name, mode, 0))
		return err_sys(o->e, "%s: cannot set mode", shown(o));
	return RC_OK;
}

static int visit_dir(struct owners *o, int fd, const struct replay_node *node);

/* One file, known to be of the type that the layers say. */
static int visit(struct owners *o, int dirfd, const char *name,
		 const struct stat *st, const struct replay_node *node)
{
	char path[64 + LAYER_MAX_NAME];
	int fd, rc;

	rc = bad_type(o, st->st_mode);
	if (!rc && !o->check_only)
		rc = set_owner(o, dirfd, name, st->st_mode, node);
	if (rc)
		return rc;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dirfd,
		       name); /* fits: a name has at most 255 bytes */
	rc = check_attributes(o, path, node);
	if (rc || !S_ISDIR(st->st_mode))
		return rc;
	fd = openat(dirfd, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(o->e, "%s: cannot open", shown(o));
	return visit_dir(o, fd, node);
}

/* The name of some child of node that is not in the directory. */
static int missing_child(const struct owners *o, int dirfd,
			 const struct replay_node *node)
{
	const struct replay_node *c;
	struct stat st;

	for (c = node->child; c; c = c->next) {
		if (fstatat(dirfd, c->name, &st, AT_SYMLINK_NOFOLLOW))
			break;
	}
	return err_set(o->e, RC_MISMATCH,
		       "%s/%s: is in a layer but was not unpacked", o->path,
		       c ? c->name : "?");
}

static int visit_name(struct owners *o, int dirfd, const char *name,
		      const struct replay_node *parent)
{
	const struct replay_node *node = NULL;
	size_t len = strlen(o->path);
	struct stat st;
	int rc;

	if (len + strlen(name) + 2 > sizeof(o->path))
		return err_set(o->e, RC_LIMIT, "%s: path too long", o->path);
	o->path[len] = '/';
	strcpy(o->path + len + 1, name);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return err_sys(o->e, "%s: cannot stat", o->path);
	if (strcmp(o->path, "/.mote") == 0)
		return err_set(o->e, RC_UNSUPPORTED,
			       "/.mote: belongs to mote itself");
	if (parent) {
		node = replay_find(o->replay, parent, name);
		if (!node || node->inode->type != (st.st_mode & S_IFMT))
			return err_set(o->e, RC_MISMATCH,
				       "%s: was unpacked but is not so in the "
				       "layers",
				       o->path);
	}
	rc = visit(o, dirfd, name, &st, node);
	o->path[len] = '\0';
	return rc;
}

/* Everything in the directory fd, which is closed. */
static int visit_dir(struct owners *o, int fd, const struct replay_node *node)
{
	unsigned int seen = 0;
	struct dirent *d;
	DIR *dir = NULL;
	int rc = RC_OK;

	if (++o->depth > MAX_DEPTH)
		rc = err_set(o->e, RC_LIMIT,
			     "%s: more than %d directories "
			     "below one another",
			     shown(o), MAX_DEPTH);
	else if (!(dir = fdopendir(fd)))
		rc = err_sys(o->e, "%s: cannot read", shown(o));
	if (rc) {
		close(fd);
		return rc;
	}
	while (!rc && (errno = 0, d = readdir(dir))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		seen++;
		rc = visit_name(o, fd, d->d_name, node);
	}
	if (!rc && errno)
		rc = err_sys(o->e, "%s: cannot read", shown(o));
	if (!rc && node && seen != node->nr_children)
		rc = missing_child(o, fd, node);
	closedir(dir);
	o->depth--;
	return rc;
}

static int visit_tree(struct owners *o)
{
	struct replay_node *root = o->replay ? replay_root(o->replay) : NULL;
	struct stat st;
	int fd, rc;

	fd = open(o->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(o->e, "%s: cannot open", o->tree);
	if (fstat(fd, &st)) {
		close(fd);
		return err_sys(o->e, "%s: cannot stat", o->tree);
	}
	rc = visit(o, fd, ".", &st, root);
	close(fd); /* only read from: nothing can be lost */
	return rc;
}

int owners_apply(const char *tree, struct replay *r, struct err *e)
{
	struct owners o = {.tree = tree, .replay = r, .e = e};

	return visit_tree(&o);
}

int owners_all_root(const char *tree, struct err *e)
{
	struct owners o = {.tree = tree, .e = e};

	return visit_tree(&o);
}

int owners_check_tree(const char *dir, struct layer_totals *t, struct err *e)
{
	struct owners o = {
		.tree = dir, .totals = t, .check_only = true, .e = e};

	return visit_tree(&o);
}
