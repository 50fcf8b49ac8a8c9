/* SPDX-License-Identifier: Apache-2.0 */
/* volumes.c: VOLUMEs of the image and "writable" lines, as tmpfs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

/* What init mounts in every guest; those with a mode may be mounted anew. */
static const struct {
	const char *path;
	mode_t mode; /* 0: a file system of the kernel */
} standard[] = {
	{"/dev", 0}, {"/dev/shm", 01777}, {"/proc", 0},
	{"/sys", 0}, {"/run", 0755},	  {"/tmp", 01777},
};
#define NR_STANDARD (sizeof(standard) / sizeof(standard[0]))

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/';
}

static bool at_or_below(const char *path, const char *dir)
{
	return strcmp(path, dir) == 0 || is_below(path, dir);
}

const char *workload_covered(const struct workload *w, const char *path,
			     bool below)
{
	for (size_t i = 0; i < NR_STANDARD; i++) {
		if (below ? is_below(path, standard[i].path)
			  : at_or_below(path, standard[i].path))
			return standard[i].path;
	}
	for (size_t i = 0; i < w->nr_tmpfs; i++) {
		if (below ? is_below(path, w->tmpfs[i].path)
			  : at_or_below(path, w->tmpfs[i].path))
			return w->tmpfs[i].path;
	}
	return NULL;
}

/* Mode of the standard tmpfs at path, 0 if there is none. */
static mode_t standard_mode(const char *path)
{
	for (size_t i = 0; i < NR_STANDARD; i++) {
		if (strcmp(path, standard[i].path) == 0)
			return standard[i].mode;
	}
	return 0;
}

/* NULL, or why no tmpfs can be mounted at this path. */
static const char *refusal(const char *path)
{
	if (strcmp(path, "/") == 0)
		return "the root directory is read-only and measured";
	if (strcmp(path, "/etc") == 0)
		return "it would hide the files that mote writes to /etc";
	if (at_or_below(path, "/.mote"))
		return "/.mote belongs to mote itself";
	if (standard_mode(path))
		return NULL;
	for (size_t i = 0; i < NR_STANDARD; i++) {
		if (!at_or_below(path, standard[i].path))
			continue;
		/* init makes one directory, directly below its own tmpfs. */
		if (standard[i].mode &&
		    !strchr(path + strlen(standard[i].path) + 1, '/'))
			return NULL;
		return standard[i].mode ? "a tmpfs that the guest has anyway "
					  "is mounted above it"
					: "a file system of the kernel is "
					  "mounted there";
	}
	return NULL;
}

/* Default mode and owner: those of the directory in the image, if any. */
static int take_defaults(struct workload *w, struct workload_tmpfs *t,
			 struct err *e)
{
	struct stat st;
	bool exists;
	int rc;

	t->mode = standard_mode(t->path);
	t->standard = t->mode != 0;
	if (t->standard)
		return RC_OK;
	t->mode = 0755;
	rc = tree_stat(w->tree, t->path, &st, &exists, e);
	if (rc || !exists)
		return rc;
	if (!S_ISDIR(st.st_mode))
		return err_set(e, RC_FORMAT,
			       "%s: is not a directory in the image", t->path);
	t->mode = st.st_mode & 07777;
	t->uid = st.st_uid;
	t->gid = st.st_gid;
	return RC_OK;
}

static int add(struct workload *w, const char *path,
	       struct workload_tmpfs **out, struct err *e)
{
	struct workload_tmpfs *t = &w->tmpfs[w->nr_tmpfs];
	const char *why;
	int rc;

	if (w->nr_tmpfs == WORKLOAD_MAX_TMPFS)
		return err_set(e, RC_LIMIT,
			       "more than %d writable paths and "
			       "volumes",
			       WORKLOAD_MAX_TMPFS);
	rc = tree_resolve(w->tree, path, t->path, e);
	if (rc)
		return rc;
	why = refusal(t->path);
	if (why)
		return err_set(e, RC_UNSUPPORTED, "%s: %s", path, why);
	rc = take_defaults(w, t, e);
	if (rc)
		return rc;
	*out = t;
	w->nr_tmpfs++;
	return RC_OK;
}

/* The tmpfs at the resolved path of t, other than t itself. */
static struct workload_tmpfs *same_path(struct workload *w,
					const struct workload_tmpfs *t)
{
	for (size_t i = 0; i < w->nr_tmpfs; i++) {
		if (&w->tmpfs[i] != t && strcmp(w->tmpfs[i].path, t->path) == 0)
			return &w->tmpfs[i];
	}
	return NULL;
}

static int set_owner(struct workload *w, const char *owner,
		     struct workload_tmpfs *t, struct err *e)
{
	struct users_ids ids;
	int rc = users_resolve(&w->users, owner, &ids, e);

	if (rc)
		return rc;
	t->uid = ids.uid;
	t->gid = ids.gid;
	return RC_OK;
}

static int add_writable(struct workload *w, const struct app_writable *line,
			struct err *e)
{
	struct workload_tmpfs *t, *other;
	int rc = add(w, line->path, &t, e);

	if (rc)
		return rc;
	t->bytes = line->bytes;
	if (line->has_mode)
		t->mode = line->mode;
	rc = line->owner ? set_owner(w, line->owner, t, e) : RC_OK;
	if (rc)
		return rc;
	(void)snprintf(t->from, sizeof(t->from), "line %u",
		       line->line); /* fits */
	other = same_path(w, t);
	if (other)
		return err_set(e, RC_FORMAT,
			       "%s: is the same directory as "
			       "that of %s",
			       line->path, other->from);
	return RC_OK;
}

/* Volumes come after the "writable" lines, which decide. */
static int add_volume(struct workload *w, const char *path, struct err *e)
{
	struct workload_tmpfs *t;
	char real[PATH_MAX];
	const char *cover;
	int rc = tree_resolve(w->tree, path, real, e);

	if (rc)
		return rc;
	for (size_t i = 0; i < w->nr_tmpfs; i++) {
		if (strcmp(w->tmpfs[i].path, real) == 0)
			return RC_OK;
	}
	if (standard_mode(real))
		return RC_OK; /* mounted by init, and no smaller */
	for (size_t i = 0; i < NR_STANDARD; i++) {
		cover = standard[i].path;
		if (standard[i].mode && is_below(real, cover))
			return strv_addf(&w->notices, e,
					 "volume %s of the image gets no tmpfs "
					 "of its own: it lies on %s",
					 path, cover);
	}
	rc = add(w, path, &t, e);
	if (rc)
		return rc;
	t->bytes = WORKLOAD_VOLUME_BYTES;
	strcpy(t->from, "volume of the image");
	return RC_OK;
}

static int by_path(const void *a, const void *b)
{
	const struct workload_tmpfs *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int check_nested(const struct workload *w, struct err *e)
{
	for (size_t i = 0; i < w->nr_tmpfs; i++) {
		for (size_t j = 0; j < w->nr_tmpfs; j++) {
			const struct workload_tmpfs *in = &w->tmpfs[i];
			const struct workload_tmpfs *out = &w->tmpfs[j];

			if (is_below(in->path, out->path))
				return err_set(e, RC_UNSUPPORTED,
					       "%s (%s) lies inside %s (%s): a "
					       "tmpfs inside another is not "
					       "supported",
					       in->path, in->from, out->path,
					       out->from);
		}
	}
	return RC_OK;
}

static int note_hidden(struct workload *w, const struct workload_tmpfs *t,
		       struct err *e)
{
	size_t n;
	int rc = tree_count(w->tree, t->path, &n, e);

	if (rc || n == 0)
		return rc;
	return strv_addf(&w->notices, e,
			 "the tmpfs %s hides what the image has there: %zu %s",
			 t->path, n, n == 1 ? "entry" : "entries");
}

/* Puts "FILE:LINE: " or "FILE: Volumes: " in front of a message. */
static int prefix(struct err *e, int rc, const char *file, const char *where)
{
	struct err inner = *e;

	return err_set(e, rc, "%s:%s: %s", file, where, inner.msg);
}

int workload_add_tmpfs(struct workload *w, struct err *e)
{
	char where[32];
	int rc;

	for (size_t i = 0; i < w->app->nr_writable; i++) {
		const struct app_writable *line = &w->app->writable[i];

		(void)snprintf(where, sizeof(where), "%u", line->line);
		rc = add_writable(w, line, e);
		if (rc)
			return prefix(e, rc, w->app_file, where);
	}
	for (size_t i = 0; w->oci && i < w->oci->volumes.n; i++) {
		rc = add_volume(w, w->oci->volumes.v[i], e);
		if (rc)
			return prefix(e, rc, w->oci_file, " Volumes");
	}
	qsort(w->tmpfs, w->nr_tmpfs, sizeof(w->tmpfs[0]), by_path);
	rc = check_nested(w, e);
	for (size_t i = 0; !rc && i < w->nr_tmpfs; i++) {
		if (!w->tmpfs[i].standard)
			rc = note_hidden(w, &w->tmpfs[i], e);
	}
	return rc;
}
