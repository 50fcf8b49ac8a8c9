/* SPDX-License-Identifier: Apache-2.0 */
/* layer.c: reading one tar (a layer of an image, or a root tree). */
/*
 * Layers are hostile input. libarchive parses the tar formats (POSIX pax,
 * ustar, GNU); this file decides which entries are acceptable. Everything is
 * judged on the bytes of the layer before any program unpacks it, because an
 * unprivileged unpack leaves out what it cannot make: a device node becomes
 * an empty file, a capability vanishes.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "layer.h"
#include "tarball.h"
#include "xattrs.h"

struct layer {
	const char *file; /* for messages */
	struct archive *a;
	struct layer_totals *totals;
	char path[LAYER_MAX_PATH + 1];
	char link[LAYER_MAX_PATH + 1];
};

static int reject(const struct layer *l, const char *path, int rc,
		  const char *why, struct err *e)
{
	return err_set(e, rc, "%s: entry %s: %s", l->file, path, why);
}

int layer_open(const char *file, struct layer_totals *totals,
	       struct layer **out, struct err *e)
{
	struct layer *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return err_nomem(e);
	l->file = file;
	l->totals = totals;
	rc = tarball_open(file, &l->a, e);
	if (rc) {
		free(l);
		return rc;
	}
	*out = l;
	return RC_OK;
}

void layer_close(struct layer *l)
{
	archive_read_free(l->a); /* only read from: nothing can be lost */
	free(l);
}

/*
 * Copies a path without empty and "." components and without leading slash.
 * out has LAYER_MAX_PATH + 1 bytes. NULL, or the reason why it is refused.
 */
static const char *clean_path(const char *in, char *out)
{
	size_t len = 0, depth = 0;

	if (strlen(in) > LAYER_MAX_PATH)
		return "path longer than 4095 bytes";
	while (*in) {
		size_t n = strcspn(in, "/");

		if (n == 2 && in[0] == '.' && in[1] == '.')
			return "path contains \"..\"";
		if (n > LAYER_MAX_NAME)
			return "name longer than 255 bytes";
		if (n > 0 && !(n == 1 && in[0] == '.')) {
			if (++depth > LAYER_MAX_DEPTH)
				return "path deeper than 256 directories";
			if (len > 0)
				out[len++] = '/';
			memcpy(out + len, in, n);
			len += n;
		}
		in += n;
		in += *in == '/';
	}
	out[len] = '\0';
	return NULL;
}

static bool below_mote(const char *path)
{
	return strncmp(path, ".mote", 5) == 0 &&
	       (path[5] == '\0' || path[5] == '/');
}

static int check_xattrs(struct layer *l, struct archive_entry *ae,
			struct err *e)
{
	const char *name, *why;
	const void *value;
	size_t size;

	if (archive_entry_acl_count(ae, ARCHIVE_ENTRY_ACL_TYPE_ACCESS |
						ARCHIVE_ENTRY_ACL_TYPE_DEFAULT |
						ARCHIVE_ENTRY_ACL_TYPE_NFS4))
		return reject(l, l->path, RC_UNSUPPORTED, XATTRS_ACL, e);
	archive_entry_xattr_reset(ae);
	while (archive_entry_xattr_next(ae, &name, &value, &size) ==
	       ARCHIVE_OK) {
		why = xattrs_refusal(name);
		if (why)
			return reject(l, l->path, RC_UNSUPPORTED, why, e);
		if (l->totals->nr_dropped++ == 0)
			(void)snprintf(l->totals->dropped,
				       sizeof(l->totals->dropped),
				       "%.120s of /%.380s", name,
				       l->path); /* may be cut off */
	}
	return RC_OK;
}

static int take_owner(struct layer *l, struct archive_entry *ae,
		      struct layer_entry *ent, struct err *e)
{
	int64_t uid = archive_entry_uid(ae), gid = archive_entry_gid(ae);

	/* (uid_t)-1 means "leave as it is" to chown. */
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return reject(l, l->path, RC_FORMAT,
			      "owner is not a number below 4294967295", e);
	ent->uid = (uint32_t)uid;
	ent->gid = (uint32_t)gid;
	ent->mode = archive_entry_perm(ae) & 07777;
	return RC_OK;
}

static int take_type(struct layer *l, struct archive_entry *ae,
		     struct layer_entry *ent, struct err *e)
{
	const char *link = archive_entry_hardlink(ae), *why;

	ent->link = NULL;
	ent->symlink = NULL;
	ent->type = 0;
	if (link) {
		why = clean_path(link, l->link);
		if (!why && l->link[0] == '\0')
			why = "hard link to the root directory";
		if (why)
			return reject(l, l->path, RC_FORMAT, why, e);
		ent->link = l->link;
		return RC_OK;
	}
	ent->type = archive_entry_filetype(ae);
	switch (ent->type) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFIFO:
		break;
	case S_IFLNK:
		ent->symlink = archive_entry_symlink(ae);
		if (!ent->symlink || ent->symlink[0] == '\0' ||
		    strlen(ent->symlink) > LAYER_MAX_PATH)
			return reject(l, l->path, RC_FORMAT,
				      "symlink without a usable target", e);
		break;
	case S_IFCHR:
	case S_IFBLK:
		return reject(l, l->path, RC_UNSUPPORTED,
			      "device nodes are not supported", e);
	default:
		return reject(l, l->path, RC_UNSUPPORTED,
			      "this type of file is not supported", e);
	}
	if (l->path[0] == '\0' && ent->type != S_IFDIR)
		return reject(l, "/", RC_FORMAT, "not a directory", e);
	return RC_OK;
}

static int count_entry(struct layer *l, struct archive_entry *ae, struct err *e)
{
	int64_t size = archive_entry_size(ae);

	if (++l->totals->entries > LAYER_MAX_ENTRIES)
		return err_set(e, RC_LIMIT, "%s: more than %d entries", l->file,
			       LAYER_MAX_ENTRIES);
	if (size < 0)
		return reject(l, l->path, RC_FORMAT, "negative size", e);
	/* Sum of at most 10^6 sizes: stop before it could wrap. */
	if ((uint64_t)size > LAYER_MAX_BYTES - l->totals->bytes)
		return err_set(e, RC_LIMIT,
			       "%s: more than %llu bytes when unpacked",
			       l->file, LAYER_MAX_BYTES);
	l->totals->bytes += (uint64_t)size;
	return RC_OK;
}

int layer_next(struct layer *l, struct layer_entry *ent, struct err *e)
{
	struct archive_entry *ae;
	const char *name, *why;
	int rc = tarball_next(l->file, l->a, &ae, e);

	ent->path = NULL;
	if (rc)
		return rc == 1 ? RC_OK : rc;
	name = archive_entry_pathname(ae);
	if (!name || name[0] == '\0')
		return err_set(e, RC_FORMAT, "%s: entry without a name",
			       l->file);
	why = clean_path(name, l->path);
	if (why)
		return reject(l, name, RC_FORMAT, why, e);
	if (below_mote(l->path))
		return reject(l, name, RC_UNSUPPORTED,
			      "/.mote belongs to mote itself", e);
	rc = count_entry(l, ae, e);
	if (!rc)
		rc = take_type(l, ae, ent, e);
	if (!rc)
		rc = take_owner(l, ae, ent, e);
	if (!rc)
		rc = check_xattrs(l, ae, e);
	if (!rc)
		ent->path = l->path;
	return rc;
}
