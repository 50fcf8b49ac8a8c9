/* SPDX-License-Identifier: Apache-2.0 */
/* app_line.c: one line of APP_CONFIG, and the values in it. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app_line.h"

int app_line_bad(const struct app_line *l, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* may be cut off */
	va_end(ap);
	return err_set(l->e, RC_FORMAT, "%s:%u: %s", l->file, l->nr, text);
}

int app_line_limit(const struct app_line *l, size_t max, const char *things)
{
	return err_set(l->e, RC_LIMIT, "%s:%u: more than %zu %s", l->file,
		       l->nr, max, things);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static int check_bytes(const struct app_line *l, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\r')
			return app_line_bad(l, "carriage return; lines must "
					       "end with a line feed only");
		if (c == '\0')
			return app_line_bad(l, "NUL byte");
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return app_line_bad(l,
					    "control byte 0x%02x; write it "
					    "as the escape \\x%02x",
					    c, c);
	}
	return RC_OK;
}

int app_line_cut(struct app_line *l, char *text, size_t len, char **directive)
{
	char *end = text + len;
	int rc;

	*directive = NULL;
	while (blank(*text))
		text++;
	rc = check_bytes(l, text, (size_t)(end - text));
	if (rc || *text == '\0' || *text == '#')
		return rc;
	while (blank(end[-1]))
		*--end = '\0';
	*directive = text;
	text += strcspn(text, " \t");
	l->rest = text;
	if (*text) {
		*text++ = '\0';
		l->rest = text + strspn(text, " \t");
	}
	return RC_OK;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *d = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return d ? (int)(d - digits) : -1;
}

/* One escape at s, which points behind the backslash; bytes used, or 0. */
static size_t escape(const char *s, char *out)
{
	int hi, lo;

	switch (*s) {
	case '\\':
		*out = '\\';
		return 1;
	case 'n':
		*out = '\n';
		return 1;
	case 't':
		*out = '\t';
		return 1;
	case 's':
		*out = ' ';
		return 1;
	case 'x':
		hi = hex_digit(s[1]);
		lo = hi < 0 ? -1 : hex_digit(s[2]);
		if (lo < 0 || (hi == 0 && lo == 0))
			return 0;
		*out = (char)(hi << 4 | lo);
		return 3;
	default:
		return 0;
	}
}

/* In place: a value only becomes shorter. */
static int decode(const struct app_line *l, char *s)
{
	char *out = s;

	while (*s) {
		size_t used = 1;

		if (*s == '\t')
			return app_line_bad(l, "tab inside a value; write \\t");
		if (*s != '\\') {
			*out = *s;
		} else {
			s++;
			used = escape(s, out);
			if (used == 0)
				return app_line_bad(
					l,
					"unknown escape \\%.3s; known are \\\\ "
					"\\n \\t \\s and \\x01 to \\xff",
					s);
		}
		out++;
		s += used;
	}
	*out = '\0';
	return RC_OK;
}

int app_line_decode(struct app_line *l)
{
	return decode(l, l->rest);
}

int app_line_split(struct app_line *l)
{
	char *save, *s = strtok_r(l->rest, " \t", &save);

	l->nr_words = 0;
	for (; s; s = strtok_r(NULL, " \t", &save)) {
		int rc;

		if (l->nr_words == APP_MAX_WORDS)
			return app_line_limit(l, APP_MAX_WORDS, "words");
		rc = decode(l, s);
		if (rc)
			return rc;
		l->word[l->nr_words++] = s;
	}
	return RC_OK;
}

bool app_number(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s[0] == '\0' || (s[0] == '0' && s[1] != '\0'))
		return false;
	for (; *s; s++) {
		uint64_t d = (uint64_t)(*s - '0');

		if (*s < '0' || *s > '9' || d > max || v > (max - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

const char *app_path_fault(const char *path)
{
	if (path[0] != '/')
		return "does not start with /";
	if (strlen(path) > 1023)
		return "is longer than 1023 bytes";
	if (path[1] == '\0')
		return NULL;
	while (*path) {
		size_t n = strcspn(++path, "/");

		if (n == 0)
			return "has an empty component or ends with /";
		if (n > 255)
			return "has a component of more than 255 bytes";
		if ((n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			return "has a component . or ..";
		path += n;
	}
	return NULL;
}

bool app_is_host(const char *s, size_t max)
{
	size_t len = strlen(s);

	return len > 0 && len <= max && s[0] != '-' && s[0] != '.' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == len;
}
