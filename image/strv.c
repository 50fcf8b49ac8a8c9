/* SPDX-License-Identifier: Apache-2.0 */
/* strv.c: a growing list of strings. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strv.h"

int strv_add(struct strv *l, const char *s, struct err *e)
{
	/* n is bounded by the size of the input: no overflow. */
	char **v = realloc(l->v, (l->n + 1) * sizeof(*v));

	if (!v)
		return err_nomem(e);
	l->v = v;
	v[l->n] = strdup(s);
	if (!v[l->n])
		return err_nomem(e);
	l->n++;
	return RC_OK;
}

int strv_addf(struct strv *l, struct err *e, const char *fmt, ...)
{
	struct err text = {""};
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text.msg, sizeof(text.msg), fmt, ap); /* may be cut */
	va_end(ap);
	/* Clean it like any message. */
	(void)err_set(e, RC_OK, "%s", text.msg);
	return strv_add(l, e->msg, e);
}

static char **find_env(const struct strv *l, const char *name, size_t len)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strncmp(l->v[i], name, len) == 0 && l->v[i][len] == '=')
			return &l->v[i];
	}
	return NULL;
}

int strv_set_env(struct strv *l, const char *assignment, struct err *e)
{
	char **old = find_env(l, assignment, strcspn(assignment, "="));
	char *copy;

	if (!old)
		return strv_add(l, assignment, e);
	copy = strdup(assignment);
	if (!copy)
		return err_nomem(e);
	free(*old);
	*old = copy;
	return RC_OK;
}

const char *strv_env(const struct strv *l, const char *name)
{
	char **found = find_env(l, name, strlen(name));

	return found ? *found + strlen(name) + 1 : NULL;
}

void strv_free(struct strv *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	l->v = NULL;
	l->n = 0;
}
