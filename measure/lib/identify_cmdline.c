/* SPDX-License-Identifier: Apache-2.0 */
/* identify_cmdline.c: what becomes of a command line on its way to the VMM. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "identify_parts.h"

/* Bytes to try, with room for twice the given ones and a NUL. */
struct line {
	uint8_t *p;
	size_t n;
};

static void put(struct line *l, uint8_t byte)
{
	l->p[l->n++] = byte;
}

static bool blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void copy(struct line *l, struct identify_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		put(l, b.p[i]);
}

static void leave_out(struct line *l, struct identify_bytes b)
{
	(void)l;
	(void)b;
}

static void space_behind(struct line *l, struct identify_bytes b)
{
	copy(l, b);
	put(l, ' ');
}

static void newline_behind(struct line *l, struct identify_bytes b)
{
	copy(l, b);
	put(l, '\n');
}

static void nul_behind(struct line *l, struct identify_bytes b)
{
	copy(l, b);
	put(l, '\0');
}

static void space_before(struct line *l, struct identify_bytes b)
{
	put(l, ' ');
	copy(l, b);
}

static void cut_space(struct line *l, struct identify_bytes b)
{
	if (b.n > 0 && b.p[b.n - 1] == ' ')
		b.n--;
	copy(l, b);
}

static void cut_newline(struct line *l, struct identify_bytes b)
{
	if (b.n > 0 && b.p[b.n - 1] == '\n')
		b.n--;
	copy(l, b);
}

static void cut_behind(struct line *l, struct identify_bytes b)
{
	while (b.n > 0 && blank(b.p[b.n - 1]))
		b.n--;
	copy(l, b);
}

static void cut_before(struct line *l, struct identify_bytes b)
{
	size_t i = 0;

	while (i < b.n && blank(b.p[i]))
		i++;
	for (; i < b.n; i++)
		put(l, b.p[i]);
}

static void cut_both(struct line *l, struct identify_bytes b)
{
	while (b.n > 0 && blank(b.p[b.n - 1]))
		b.n--;
	cut_before(l, b);
}

static void unquote(struct line *l, struct identify_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] != '"' && b.p[i] != '\'')
			put(l, b.p[i]);
}

static void unescape(struct line *l, struct identify_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] != '\\' || i + 1 == b.n || b.p[i + 1] != '"')
			put(l, b.p[i]);
}

static void escape(struct line *l, struct identify_bytes b)
{
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] == '"')
			put(l, '\\');
		put(l, b.p[i]);
	}
}

/* Those with the same result as one before them are not tried. */
static const struct {
	void (*make)(struct line *l, struct identify_bytes given);
	bool open; /* hashed without the NUL byte */
	const char *name, *words;
} ways[] = {
	{copy, false, "as given", ""},
	{leave_out, false, "left out", "the command line was left out"},
	{space_behind, false, "trailing space",
	 "the command line had a trailing space"},
	{newline_behind, false, "trailing newline",
	 "the command line had a trailing newline"},
	{nul_behind, false, "trailing NUL",
	 "the command line had a trailing NUL byte of its own"},
	{space_before, false, "leading space",
	 "the command line had a leading space"},
	{cut_space, false, "trailing space removed",
	 "the command line lacked its trailing space"},
	{cut_newline, false, "trailing newline removed",
	 "the command line lacked its trailing newline"},
	{cut_behind, false, "trailing blanks removed",
	 "the command line lacked the blanks at its end"},
	{cut_before, false, "leading blanks removed",
	 "the command line lacked the blanks at its beginning"},
	{cut_both, false, "blanks at both ends removed",
	 "the command line lacked the blanks at both ends"},
	{unquote, false, "quotation marks removed",
	 "the command line lacked its quotation marks"},
	{unescape, false, "backslashes removed",
	 "the command line lacked the backslashes before its quotation marks"},
	{escape, false, "backslashes added",
	 "the command line had backslashes before its quotation marks"},
	{copy, true, "hashed without its NUL",
	 "the command line was hashed without the NUL byte behind it"},
};
enum { NR_WAYS = sizeof(ways) / sizeof(ways[0]) };
_Static_assert(NR_WAYS <= (int)IDENTIFY_MAX_CMDLINES, "room for all of them");

static void add(struct identify *q, size_t way, const uint8_t sha256[32])
{
	size_t *n = &q->nr[IDENTIFY_CMDLINE];

	for (size_t i = 0; i < *n; i++)
		if (memcmp(q->cmdlines[i].sha256, sha256, 32) == 0)
			return;
	q->cmdlines[*n].name = ways[way].name;
	q->cmdlines[*n].words = ways[way].words;
	memcpy(q->cmdlines[(*n)++].sha256, sha256, 32);
}

int identify_cmdlines(struct identify *q, struct identify_bytes given,
		      struct err *e)
{
	struct line l = {malloc(2 * given.n + 2), 0};
	uint8_t sha256[32];
	int rc = RC_OK;

	if (!l.p)
		return err_nomem(e);
	q->nr[IDENTIFY_CMDLINE] = 0;
	for (size_t i = 0; !rc && i < NR_WAYS; i++) {
		l.n = 0;
		ways[i].make(&l, given);
		if (!ways[i].open)
			put(&l, '\0');
		assert(l.n <= 2 * given.n + 2);
		rc = hash_bytes(SHA256_SIZE, l.p, l.n, sha256, e);
		if (!rc)
			add(q, i, sha256);
	}
	free(l.p);
	return rc;
}
