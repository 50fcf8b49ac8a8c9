/* SPDX-License-Identifier: Apache-2.0 */
/* users.c: names of users and groups, resolved in the tree's own files. */
/*
 * passwd(5): name:password:uid:gid:gecos:home:shell
 * group(5):  name:password:gid:member,member,...
 * Hostile input. A line that has other fields, or ids that are no numbers, is
 * skipped, as the C library does; so are lines above USERS_MAX_LINE bytes.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "users.h"

enum { NR_PASSWD = 7, NR_GROUP = 4 };

/* A field of the current line; not NUL-terminated. */
struct field {
	const char *p;
	size_t len;
};

int users_load(struct users *u, const struct tree *t, struct err *e)
{
	size_t len;
	int rc = tree_load(t, "/etc/passwd", USERS_MAX_FILE, &u->passwd, &len,
			   e);

	if (rc)
		return rc;
	return tree_load(t, "/etc/group", USERS_MAX_FILE, &u->group, &len, e);
}

void users_free(struct users *u)
{
	free(u->passwd);
	free(u->group);
}

/*
 * Splits the next line with exactly n fields; false at the end of the text.
 * A NUL byte ends the text.
 */
static bool next_line(const char **text, struct field *f, size_t n)
{
	while (*text && **text) {
		const char *p = *text;
		size_t left = strcspn(p, "\n"), len = left, i;

		*text = p + left + (p[left] == '\n');
		for (i = 0; i < n; i++) {
			const char *colon = memchr(p, ':', left);

			f[i].p = p;
			f[i].len = colon ? (size_t)(colon - p) : left;
			if (!colon)
				break;
			p = colon + 1;
			left -= f[i].len + 1;
		}
		if (i == n - 1 && len <= USERS_MAX_LINE)
			return true;
	}
	return false;
}

static bool is(const struct field *f, const char *s, size_t len)
{
	return f->len == len && memcmp(f->p, s, len) == 0;
}

/* A number below 2^32 - 1, which chown and setuid take for "unchanged". */
static bool number(const char *s, size_t len, uint32_t *out)
{
	uint64_t v = 0;

	if (len == 0 || len > 10)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	*out = (uint32_t)v;
	return v < UINT32_MAX;
}

/* A line of passwd, found by name or, if by_uid, by number. */
static bool find_user(const struct users *u, const char *name, size_t len,
		      bool by_uid, uint32_t uid, struct field f[NR_PASSWD])
{
	const char *text = u->passwd;
	uint32_t id, gid;

	while (next_line(&text, f, NR_PASSWD)) {
		if (!number(f[2].p, f[2].len, &id) ||
		    !number(f[3].p, f[3].len, &gid))
			continue;
		if (by_uid ? id == uid : is(&f[0], name, len))
			return true;
	}
	return false;
}

static bool find_group(const struct users *u, const char *name, uint32_t *gid)
{
	const char *text = u->group;
	struct field f[NR_GROUP];

	while (next_line(&text, f, NR_GROUP)) {
		if (is(&f[0], name, strlen(name)) &&
		    number(f[2].p, f[2].len, gid))
			return true;
	}
	return false;
}

static bool has_member(const struct field *members, const struct field *name)
{
	const char *p = members->p, *end = p + members->len;

	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		size_t len = (size_t)((comma ? comma : end) - p);

		if (is(name, p, len))
			return true;
		p += len + 1;
	}
	return false;
}

static int add_group(struct users_ids *ids, uint32_t gid, struct err *e)
{
	for (size_t i = 0; i < ids->nr_groups; i++) {
		if (ids->groups[i] == gid)
			return RC_OK;
	}
	if (gid == ids->gid)
		return RC_OK;
	if (ids->nr_groups == USERS_MAX_GROUPS)
		return err_set(e, RC_LIMIT,
			       "the user is in more than %d supplementary "
			       "groups",
			       USERS_MAX_GROUPS);
	ids->groups[ids->nr_groups++] = gid;
	return RC_OK;
}

static int add_groups_of(const struct users *u, const struct field *name,
			 struct users_ids *ids, struct err *e)
{
	const char *text = u->group;
	struct field f[NR_GROUP];
	uint32_t gid;
	int rc = RC_OK;

	while (!rc && next_line(&text, f, NR_GROUP)) {
		if (number(f[2].p, f[2].len, &gid) && has_member(&f[3], name))
			rc = add_group(ids, gid, e);
	}
	return rc;
}

static int resolve_group(const struct users *u, const char *group,
			 struct users_ids *ids, struct err *e)
{
	if (number(group, strlen(group), &ids->gid) ||
	    find_group(u, group, &ids->gid))
		return RC_OK;
	if (!u->group)
		return err_set(e, RC_FORMAT,
			       "group \"%.100s\" is named but there is no "
			       "/etc/group in the image",
			       group);
	return err_set(e, RC_FORMAT,
		       "group \"%.100s\" is not in the image's /etc/group",
		       group);
}

static void take_user(struct users_ids *ids, const struct field f[NR_PASSWD])
{
	size_t len = f[5].len;

	(void)number(f[2].p, f[2].len, &ids->uid); /* find_user() checked */
	(void)number(f[3].p, f[3].len, &ids->gid);
	if (len > 0 && len < sizeof(ids->home)) {
		memcpy(ids->home, f[5].p, len);
		ids->home[len] = '\0';
	}
}

static int unknown_user(const struct users *u, const char *spec, size_t len,
			struct err *e)
{
	int n = len > 100 ? 100 : (int)len;

	if (!u->passwd)
		return err_set(e, RC_FORMAT,
			       "user \"%.*s\" is named but there is no "
			       "/etc/passwd in the image",
			       n, spec);
	return err_set(e, RC_FORMAT,
		       "user \"%.*s\" is not in the image's /etc/passwd", n,
		       spec);
}

int users_resolve(const struct users *u, const char *spec,
		  struct users_ids *out, struct err *e)
{
	const char *colon = strchr(spec, ':');
	size_t len = colon ? (size_t)(colon - spec) : strlen(spec);
	struct field f[NR_PASSWD];
	bool by_uid, listed;

	memset(out, 0, sizeof(*out));
	strcpy(out->home, "/");
	by_uid = len == 0 || number(spec, len, &out->uid);
	listed = find_user(u, spec, len, by_uid, out->uid, f);
	if (listed)
		take_user(out, f);
	else if (!by_uid)
		return unknown_user(u, spec, len, e);
	if (colon && colon[1])
		return resolve_group(u, colon + 1, out, e);
	return listed ? add_groups_of(u, &f[0], out, e) : RC_OK;
}
