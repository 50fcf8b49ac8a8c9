/* SPDX-License-Identifier: Apache-2.0 */
/* json_in.c: reading of JSON that others wrote. */
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "json_in.h"

static void *alloc_or_die(size_t n)
{
	static const char text[] = "out of memory\n";
	void *p = malloc(n ? n : 1);

	if (p)
		return p;
	/* best effort: the exit status says it too */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(1);
}

void json_in_start(void)
{
	json_set_alloc_funcs(alloc_or_die, free);
}

/* Checked before the parser runs, since the parser recurses. */
static bool too_deep(const char *s, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (in_string && s[i] == '\\') {
			i++;
		} else if (s[i] == '"') {
			in_string = !in_string;
		} else if (!in_string && (s[i] == '{' || s[i] == '[')) {
			if (++depth > JSON_IN_MAX_DEPTH)
				return true;
		} else if (!in_string && (s[i] == '}' || s[i] == ']')) {
			depth--;
		}
	}
	return false;
}

int json_in_parse(const char *data, size_t len, const char *name, json_t **out,
		  struct err *e)
{
	json_error_t je;

	if (too_deep(data, len))
		return err_set(e, RC_LIMIT, "%s: nested deeper than %d levels",
			       name, JSON_IN_MAX_DEPTH);
	*out = json_loadb(data, len, JSON_REJECT_DUPLICATES, &je);
	if (!*out)
		return err_set(e, RC_FORMAT, "%s: line %d: not valid JSON: %s",
			       name, je.line, je.text);
	return RC_OK;
}

int json_in_load(const char *path, size_t max, json_t **out, struct err *e)
{
	char *data;
	size_t len;
	int rc;

	rc = file_load(path, max, &data, &len, e);
	if (rc)
		return rc;
	rc = json_in_parse(data, len, path, out, e);
	free(data);
	return rc;
}
