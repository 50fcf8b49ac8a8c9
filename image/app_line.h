/* SPDX-License-Identifier: Apache-2.0 */
/* app_line.h: one line of APP_CONFIG, and the values in it. */
#ifndef MOTE_APP_LINE_H
#define MOTE_APP_LINE_H

#include "app_config.h"

enum { APP_MAX_WORDS = 32 };

struct app_line {
	const char *file;
	unsigned int nr;
	struct app_config *config;
	struct app_service *service; /* the one that the line belongs to */
	char *rest;		     /* everything after the directive */
	char *word[APP_MAX_WORDS];   /* or that, split at blanks */
	size_t nr_words;
	struct err *e;
};

/* "FILE:LINE: reason" */
int app_line_bad(const struct app_line *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same with RC_LIMIT: "more than max THINGS". */
int app_line_limit(const struct app_line *l, size_t max, const char *things);

/*
 * Cuts a line (without its end, NUL-terminated, changed in place) into
 * directive and l->rest. *directive is NULL for blank lines and comments.
 */
int app_line_cut(struct app_line *l, char *text, size_t len, char **directive);

/* Resolves the escapes in l->rest. */
int app_line_decode(struct app_line *l);

/* Splits l->rest into l->word and resolves the escapes in each. */
int app_line_split(struct app_line *l);

/* A decimal number without sign and leading zeros, at most max. */
bool app_number(const char *s, uint64_t max, uint64_t *out);

/* NULL for an absolute path without empty, "." and ".." components. */
const char *app_path_fault(const char *path);

/* A host name: letters, digits, '-', '.', '_', at most max bytes. */
bool app_is_host(const char *s, size_t max);

/* Handlers of the directives. */
int app_on_hostname(struct app_line *l);
int app_on_output(struct app_line *l);
int app_on_grace(struct app_line *l);
int app_on_sysctl(struct app_line *l);
int app_on_network(struct app_line *l);
int app_on_address(struct app_line *l);
int app_on_gateway(struct app_line *l);
int app_on_nameserver(struct app_line *l);
int app_on_host(struct app_line *l);
int app_on_port(struct app_line *l);
int app_on_writable(struct app_line *l);
int app_on_arg(struct app_line *l);
int app_on_env(struct app_line *l);
int app_on_user(struct app_line *l);
int app_on_workdir(struct app_line *l);
int app_on_rlimit(struct app_line *l);
int app_on_restart(struct app_line *l);
int app_on_ready(struct app_line *l);
int app_on_capability(struct app_line *l);

/* What no single line can tell: the directives for the network together. */
int app_check_network(struct app_line *l);

#endif
