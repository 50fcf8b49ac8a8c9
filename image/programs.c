/* SPDX-License-Identifier: Apache-2.0 */
/* programs.c: finding the program of a service in the tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

enum verdict { ABSENT, NO_FILE, NO_EXEC, COVERED, GOOD };

static bool in_groups(const struct users_ids *ids, gid_t gid)
{
	for (size_t i = 0; i < ids->nr_groups; i++) {
		if (ids->groups[i] == gid)
			return true;
	}
	return ids->gid == gid;
}

/* As the kernel decides: the first class that fits counts alone. */
static bool may_execute(const struct users_ids *ids, const struct stat *st)
{
	if (ids->uid == 0)
		return (st->st_mode & 0111) != 0;
	if (ids->uid == st->st_uid)
		return (st->st_mode & 0100) != 0;
	if (in_groups(ids, st->st_gid))
		return (st->st_mode & 0010) != 0;
	return (st->st_mode & 0001) != 0;
}

static int judge(const struct workload *w, const struct users_ids *ids,
		 const char *path, enum verdict *v, struct err *e)
{
	char real[PATH_MAX];
	struct stat st;
	bool exists;
	int rc = tree_stat(w->tree, path, &st, &exists, e);

	*v = ABSENT;
	if (rc || !exists)
		return rc;
	*v = NO_FILE;
	if (!S_ISREG(st.st_mode))
		return RC_OK;
	*v = NO_EXEC;
	if (!may_execute(ids, &st))
		return RC_OK;
	rc = tree_resolve(w->tree, path, real, e);
	if (rc)
		return rc;
	*v = workload_covered(w, real, false) ||
			     workload_covered(w, path, false)
		     ? COVERED
		     : GOOD;
	return RC_OK;
}

static int complain(const struct workload_service *s, const char *where,
		    const char *path, enum verdict v, struct err *e)
{
	static const char *const why[] = {
		[ABSENT] = "is not in the image",
		[NO_FILE] = "is not a regular file",
		[NO_EXEC] = "may not be executed by the service's user",
		[COVERED] =
			"is hidden in the guest by a file system mounted there",
	};

	return err_set(e, RC_FORMAT, "%s: service %s: program %s %s", where,
		       s->app->name, path, why[v]);
}

/* Replaces argv[0]. */
static int take(struct workload_service *s, const char *path, struct err *e)
{
	char *copy = strdup(path);

	if (!copy)
		return err_nomem(e);
	free(s->args.v[0]);
	s->args.v[0] = copy;
	return RC_OK;
}

/* A name with a slash: relative to the working directory. */
static int find_by_path(struct workload *w, struct workload_service *s,
			const char *where, struct err *e)
{
	const char *name = s->args.v[0];
	char path[PATH_MAX];
	enum verdict v;
	int n, rc;

	n = snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : s->cwd,
		     name[0] == '/' || s->cwd[1] == '\0' ? "" : "/", name);
	if (n >= (int)sizeof(path))
		return err_set(e, RC_LIMIT, "%s: program name too long", where);
	rc = judge(w, &s->ids, path, &v, e);
	if (rc)
		return rc;
	return v == GOOD ? take(s, path, e) : complain(s, where, path, v, e);
}

/* Directories of PATH that are not absolute are passed over. */
static int find_in_path(struct workload *w, struct workload_service *s,
			const char *where, struct err *e)
{
	const char *name = s->args.v[0], *dirs = strv_env(&s->env, "PATH");
	char found[PATH_MAX] = "", path[PATH_MAX];
	enum verdict best = ABSENT, v;

	while (*dirs) {
		size_t len = strcspn(dirs, ":");
		int rc, n = snprintf(path, sizeof(path), "%.*s/%s", (int)len,
				     dirs, name);

		if (dirs[0] == '/' && n < (int)sizeof(path)) {
			rc = judge(w, &s->ids, path, &v, e);
			if (rc)
				return rc;
			if (v == GOOD)
				return take(s, path, e);
			if (v > best) {
				best = v;
				strcpy(found, path);
			}
		}
		dirs += len + (dirs[len] == ':');
	}
	if (best == ABSENT)
		return err_set(e, RC_FORMAT,
			       "%s: service %s: program \"%.200s\" is not in "
			       "any directory of PATH (%.300s) in the image",
			       where, s->app->name, name,
			       strv_env(&s->env, "PATH"));
	return complain(s, where, found, best, e);
}

int workload_find_program(struct workload *w, struct workload_service *s,
			  const char *where, struct err *e)
{
	if (s->args.v[0][0] == '\0')
		return err_set(e, RC_FORMAT,
			       "%s: service %s: the program's name is empty",
			       where, s->app->name);
	if (strchr(s->args.v[0], '/'))
		return find_by_path(w, s, where, e);
	return find_in_path(w, s, where, e);
}
