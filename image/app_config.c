/* SPDX-License-Identifier: Apache-2.0 */
/* app_config.c: APP_CONFIG, what the builder says about the workload. */
/*
 * A text file, one directive on a line: a word, blanks, a value. Blank lines
 * and lines that begin with '#' are ignored. In values \\ \n \t \s (a space)
 * and \xHH (any byte but NUL) are understood; nothing else may follow a
 * backslash. Blanks at the end of a line do not belong to the value.
 *
 * Lines before the first "service" describe the guest and its workload; each
 * "service NAME" begins a further service. docs/mote-image.5 lists all.
 */
#include <stdlib.h>
#include <string.h>

#include "app_line.h"

enum {
	GLOBAL = 1, /* only before the first "service" */
	WHOLE = 2,  /* the rest of the line is one value */
	ONCE = 4,   /* a second one is an error */
};

static int on_service(struct app_line *l);

static const struct directive {
	const char *name;
	unsigned int flags;
	unsigned int min, max; /* words */
	int (*run)(struct app_line *l);
	const char *usage;
} directives[] = {
	{"hostname", GLOBAL | ONCE, 1, 1, app_on_hostname, "NAME"},
	{"output", GLOBAL | ONCE, 1, 1, app_on_output, "log|none"},
	{"grace", GLOBAL | ONCE, 1, 1, app_on_grace, "SECONDS"},
	{"sysctl", GLOBAL | WHOLE, 0, 0, app_on_sysctl, "NAME=VALUE"},
	{"network", GLOBAL | ONCE, 1, 1, app_on_network, "none"},
	{"address", GLOBAL, 1, 1, app_on_address, "ADDRESS/PREFIX"},
	{"gateway", GLOBAL, 1, 1, app_on_gateway, "ADDRESS"},
	{"nameserver", GLOBAL, 1, 1, app_on_nameserver, "ADDRESS"},
	{"host", GLOBAL, 2, 1 + APP_MAX_HOST_NAMES, app_on_host,
	 "ADDRESS NAME..."},
	{"port", GLOBAL, 1, 1, app_on_port, "NUMBER[/tcp|/udp]"},
	{"writable", GLOBAL, 2, 4, app_on_writable,
	 "PATH SIZE [MODE [USER[:GROUP]]]"},
	{"service", 0, 1, 1, on_service, "NAME"},
	{"arg", WHOLE, 0, 0, app_on_arg, "STRING"},
	{"env", WHOLE, 0, 0, app_on_env, "NAME=VALUE"},
	{"user", ONCE, 1, 1, app_on_user, "USER[:GROUP]"},
	{"workdir", ONCE, 1, 1, app_on_workdir, "PATH"},
	{"rlimit", 0, 2, 2, app_on_rlimit, "NAME SOFT[:HARD]"},
	{"restart", ONCE, 1, 3, app_on_restart,
	 "never|on-failure|always [DELAY_MS [TRIES]]"},
	{"ready", ONCE, 1, 2, app_on_ready, "PATH [SECONDS]"},
	{"capability", 0, 2, 2, app_on_capability, "add|drop NAME"},
};

#define NR_DIRECTIVES (sizeof(directives) / sizeof(directives[0]))
_Static_assert(NR_DIRECTIVES <= APP_NR_DIRECTIVES, "room in seen[]");

static void init_service(struct app_service *s, const char *name)
{
	strcpy(s->name, name); /* at most 32 bytes */
	s->restart = APP_NEVER;
}

struct app_config *app_config_new(void)
{
	struct app_config *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->output = true;
	c->grace_ms = 10000;
	strcpy(c->hostname, "mote");
	init_service(&c->services[0], "app");
	c->nr_services = 1;
	return c;
}

void app_config_free(struct app_config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->nr_services; i++) {
		struct app_service *s = &c->services[i];

		strv_free(&s->args);
		strv_free(&s->env);
		free(s->user);
		free(s->workdir);
		free(s->ready);
	}
	for (size_t i = 0; i < c->nr_writable; i++) {
		free(c->writable[i].path);
		free(c->writable[i].owner);
	}
	strv_free(&c->sysctls);
	strv_free(&c->nameservers);
	strv_free(&c->hosts);
	free(c);
}

static bool is_service_name(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && len <= 32 && s[0] != '-' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static int on_service(struct app_line *l)
{
	struct app_config *c = l->config;
	const char *name = l->word[0];

	if (!is_service_name(name))
		return app_line_bad(l,
				    "service name \"%s\" is not 1 to 32 of "
				    "a-z, 0-9 and -, - not first",
				    name);
	for (size_t i = 0; i < c->nr_services; i++) {
		if (strcmp(c->services[i].name, name) == 0)
			return app_line_bad(
				l, "service \"%s\" is there already%s", name,
				i == 0 ? ": it is the workload" : "");
	}
	if (c->nr_services == APP_MAX_SERVICES)
		return app_line_limit(l, APP_MAX_SERVICES, "services");
	l->service = &c->services[c->nr_services++];
	init_service(l->service, name);
	l->service->line = l->nr;
	return RC_OK;
}

static int check_once(struct app_line *l, const struct directive *d)
{
	unsigned int *seen =
		d->flags & GLOBAL ? l->config->seen : l->service->seen;
	size_t i = (size_t)(d - directives);

	if ((d->flags & ONCE) && seen[i])
		return app_line_bad(l, "duplicate \"%s\", first on line %u",
				    d->name, seen[i]);
	seen[i] = l->nr;
	return RC_OK;
}

static int run_directive(struct app_line *l, const struct directive *d)
{
	int rc;

	if ((d->flags & GLOBAL) && l->service != &l->config->services[0])
		return app_line_bad(l,
				    "\"%s\" is for the whole guest and "
				    "belongs before the first \"service\"",
				    d->name);
	rc = check_once(l, d);
	if (!rc)
		rc = d->flags & WHOLE ? app_line_decode(l) : app_line_split(l);
	if (rc)
		return rc;
	if (!(d->flags & WHOLE) &&
	    (l->nr_words < d->min || l->nr_words > d->max))
		return app_line_bad(l, "usage: %s %s", d->name, d->usage);
	return d->run(l);
}

static int parse_line(struct app_line *l, char *text, size_t len)
{
	char *name;
	int rc = app_line_cut(l, text, len, &name);

	if (rc || !name)
		return rc;
	for (size_t i = 0; i < NR_DIRECTIVES; i++) {
		if (strcmp(name, directives[i].name) == 0)
			return run_directive(l, &directives[i]);
	}
	return app_line_bad(l, "unknown directive \"%s\"", name);
}

static int parse_lines(struct app_line *l, char *text, size_t len)
{
	char *end = text + len;
	int rc = RC_OK;

	while (!rc && text < end) {
		char *eol = memchr(text, '\n', (size_t)(end - text));

		if (!eol)
			eol = end;
		*eol = '\0'; /* at the end of the file: its NUL */
		l->nr++;
		rc = parse_line(l, text, (size_t)(eol - text));
		text = eol + 1;
	}
	return rc ? rc : app_check_network(l);
}

int app_config_parse(struct app_config *c, const char *file, const char *text,
		     size_t len, struct err *e)
{
	struct app_line l = {
		.file = file, .config = c, .service = &c->services[0], .e = e};
	char *copy;
	int rc;

	if (len > APP_MAX_FILE)
		return err_set(e, RC_LIMIT, "%s: larger than %d bytes", file,
			       APP_MAX_FILE);
	copy = malloc(len + 1);
	if (!copy)
		return err_nomem(e);
	memcpy(copy, text, len);
	copy[len] = '\0';
	rc = parse_lines(&l, copy, len);
	free(copy);
	return rc;
}
