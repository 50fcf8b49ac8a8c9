/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_report.c: what "inspect" says, as JSON and as text. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "inspect.h"

void report_begin(struct report *r, const char *kind)
{
	*r = (struct report){.j = json_object()};
	report_string(r, "schema", "mote-inspect-1");
	report_string(r, "kind", kind);
}

void report_set(struct report *r, const char *key, json_t *v)
{
	if (json_object_set_new(r->j, key, v))
		r->failed = true;
}

void report_string(struct report *r, const char *key, const char *s)
{
	report_set(r, key, s ? json_string(s) : json_null());
}

void report_integer(struct report *r, const char *key, uint64_t v)
{
	report_set(r, key, json_integer((json_int_t)v));
}

void report_bool(struct report *r, const char *key, bool v)
{
	report_set(r, key, json_boolean(v));
}

void report_bytes(struct report *r, const char *key, const char *s)
{
	char *copy = strdup(s);

	for (char *c = copy; c && *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?'; /* also above 0x7f: char is signed */
	report_set(r, key,
		   !copy   ? NULL
		   : *copy ? json_string(copy)
			   : json_null());
	free(copy);
}

void report_file(struct report *r, const struct input *in)
{
	uint8_t sum[SHA384_SIZE];
	struct err e = {""};

	report_integer(r, "size", in->len);
	report_set(r, "sha256", input_json(in));
	if (hash_bytes(SHA384_SIZE, in->data, in->len, sum, &e))
		r->failed = true;
	report_set(r, "sha384", cmd_json_hex(sum, sizeof(sum)));
}

void report_append(struct report *r, json_t *array, json_t *v)
{
	if (json_array_append_new(array, v))
		r->failed = true;
}

void report_answer(struct report *r, const char *key, int rc,
		   const struct err *why)
{
	char reason[48];

	(void)snprintf(reason, sizeof(reason), "%s_reason", key);
	if (rc == RC_IO) /* no answer */
		r->failed = true;
	report_bool(r, key, rc == RC_OK);
	report_string(r, reason, rc ? why->msg : NULL);
}

void report_warn(struct report *r, const char *fmt, ...)
{
	struct err text = {""};
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text.msg, sizeof(text.msg), fmt, ap);
	va_end(ap);
	if (!r->warnings)
		r->warnings = json_array();
	report_append(r, r->warnings, json_string(text.msg));
}

int report_end(struct report *r, struct err *e)
{
	report_set(r, "warnings", r->warnings ? r->warnings : json_array());
	r->warnings = NULL;
	return r->failed ? err_nomem(e) : RC_OK;
}

void report_free(struct report *r)
{
	json_decref(r->j);
	json_decref(r->warnings);
	*r = (struct report){0};
}

/* Strings of others must not drive a terminal. */
static void put_string(FILE *f, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		fputc(c < 0x20 || c == 0x7f ? '?' : c, f);
	}
}

static void put_scalar(FILE *f, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		put_string(f, json_string_value(v));
		break;
	case JSON_INTEGER:
		fprintf(f, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		break;
	case JSON_TRUE:
		fputs("yes", f);
		break;
	case JSON_FALSE:
		fputs("no", f);
		break;
	default:
		fputs("none", f);
		break;
	}
}

/* null means nothing to a reader of text. */
static bool put_special(FILE *f, const char *key, const json_t *v)
{
	if (strcmp(key, "tested_guarantees") != 0 || !json_is_null(v))
		return strcmp(key, "schema") == 0;
	fprintf(f, "%-25s none was tested for this firmware\n", "guarantees");
	return true;
}

/* "key=value key=value", or the value alone. */
static void put_words(FILE *f, json_t *v)
{
	const char *key, *gap = "";
	json_t *member;

	if (!json_is_object(v)) {
		put_scalar(f, v);
		return;
	}
	json_object_foreach(v, key, member)
	{
		fprintf(f, "%s%s=", gap, key);
		put_scalar(f, member);
		gap = " ";
	}
}

void report_text(FILE *f, json_t *j)
{
	const char *key;
	json_t *v, *element;
	size_t i;

	json_object_foreach(j, key, v)
	{
		if (put_special(f, key, v))
			continue;
		fprintf(f, "%-25s", key);
		if (json_is_array(v)) {
			fprintf(f, " %zu\n", json_array_size(v));
			json_array_foreach(v, i, element)
			{
				fputs("  ", f);
				put_words(f, element);
				fputc('\n', f);
			}
			continue;
		}
		fputc(' ', f);
		put_words(f, v);
		fputc('\n', f);
	}
}

int inspect_refuse(int rc, const char *path, const struct err *why,
		   struct err *e)
{
	struct err reason;

	if (!rc)
		return rc;
	reason = *why;
	return err_set(e, rc, "%s: %s", path, reason.msg);
}

json_t *inspect_file_json(const struct input *in)
{
	if (!in->path)
		return json_null();
	return json_pack("{s:o, s:I, s:o}", "path", cmd_json_text(in->path),
			 "size", (json_int_t)in->len, "sha256", input_json(in));
}
