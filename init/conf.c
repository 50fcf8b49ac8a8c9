/* SPDX-License-Identifier: Apache-2.0 */
/* conf.c: the measured configuration, /.mote/config. */
#include <errno.h>
#include <string.h>

#include "conf.h"
#include "io.h"
#include "log.h"

static char text[CONF_MAX + 1];
static struct conf conf;

struct cursor {
	const char *pos, *end;
	const char *key; /* of the current record, for messages */
};

_Noreturn static void bad(const struct cursor *c, const char *why)
{
	log_msg("fatal: " CONF_PATH ": record ", c->key, ": ", why, NULL);
	power_off();
}

/* The next string; dies when no NUL byte ends it inside the file. */
static const char *next(struct cursor *c)
{
	const char *s = c->pos;
	const char *nul = memchr(s, '\0', (size_t)(c->end - s));

	if (!nul)
		bad(c, "not complete");
	c->pos = nul + 1;
	return s;
}

bool conf_number(const char *s, unsigned int base, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned int d = (unsigned int)(*s - '0');

		if (*s < '0' || d >= base || v > (max - d) / base)
			return false;
		v = v * base + d;
	}
	*out = v;
	return true;
}

bool conf_hex(const char *s, uint8_t *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(s) != 2 * n)
		return false;
	for (size_t i = 0; i < 2 * n; i++) {
		const char *d = strchr(digits, s[i]);

		if (!d)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (d - digits));
	}
	return true;
}

static void check_room(const struct cursor *c, size_t used, size_t max)
{
	if (used >= max)
		bad(c, "too many of them");
}

/* Reads n strings to consecutive pointers. */
static void strings(struct cursor *c, const char **out, size_t n)
{
	while (n--)
		*out++ = next(c);
}

/* Reads n decimal numbers to consecutive places. */
static void numbers(struct cursor *c, uint64_t *out, size_t n)
{
	for (; n--; out++)
		if (!conf_number(next(c), 10, UINT64_MAX, out))
			bad(c, "not a number or too large");
}

static void sysctl(struct cursor *c)
{
	check_room(c, conf.nr_sysctls, CONF_MAX_SYSCTLS);
	strings(c, conf.sysctls[conf.nr_sysctls++], 2);
}

static void tmpfs(struct cursor *c)
{
	check_room(c, conf.nr_tmpfs, CONF_MAX_TMPFS);
	strings(c, &conf.tmpfs[conf.nr_tmpfs++].path, 5);
}

static void service(struct cursor *c)
{
	check_room(c, conf.nr_services, CONF_MAX_SERVICES);
	conf.services[conf.nr_services++].name = next(c);
}

static void group(struct cursor *c, struct conf_service *s)
{
	uint64_t gid;

	check_room(c, s->nr_groups, CONF_MAX_GROUPS);
	numbers(c, &gid, 1);
	s->groups[s->nr_groups++] = (gid_t)gid;
}

static void caps(struct cursor *c, struct conf_service *s)
{
	uint8_t b[8];

	if (!conf_hex(next(c), b, sizeof(b)))
		bad(c, "not 16 hexadecimal digits");
	for (size_t i = 0; i < sizeof(b); i++)
		s->caps = s->caps << 8 | b[i];
}

static void rlimit(struct cursor *c, struct conf_service *s)
{
	check_room(c, s->nr_rlimits, CONF_MAX_RLIMITS);
	numbers(c, &s->rlimits[s->nr_rlimits++].resource, 3);
}

static void ready(struct cursor *c, struct conf_service *s)
{
	s->ready = next(c);
	numbers(c, &s->ready_ms, 1);
}

static void arg(struct cursor *c, struct conf_service *s)
{
	check_room(c, s->nr_args, CONF_MAX_STRINGS);
	s->argv[s->nr_args++] = next(c);
}

static void env(struct cursor *c, struct conf_service *s)
{
	check_room(c, s->nr_envs, CONF_MAX_STRINGS);
	s->envp[s->nr_envs++] = next(c);
}

static bool read_global(struct cursor *c)
{
	const char *k = c->key;

	if (strcmp(k, "hostname") == 0)
		strings(c, &conf.hostname, 1);
	else if (strcmp(k, "output") == 0)
		numbers(c, &conf.output, 1);
	else if (strcmp(k, "grace") == 0)
		numbers(c, &conf.grace_ms, 1);
	else if (strcmp(k, "addr4") == 0)
		strings(c, &conf.v4.addr, 2);
	else if (strcmp(k, "gw4") == 0)
		strings(c, &conf.v4.gateway, 1);
	else if (strcmp(k, "addr6") == 0)
		strings(c, &conf.v6.addr, 2);
	else if (strcmp(k, "gw6") == 0)
		strings(c, &conf.v6.gateway, 1);
	else if (strcmp(k, "sysctl") == 0)
		sysctl(c);
	else if (strcmp(k, "tmpfs") == 0)
		tmpfs(c);
	else if (strcmp(k, "service") == 0)
		service(c);
	else
		return false;
	return true;
}

static void read_of_service(struct cursor *c)
{
	struct conf_service *s = &conf.services[conf.nr_services - 1];
	const char *k = c->key;

	if (conf.nr_services == 0)
		bad(c, "unknown before the first service");
	if (strcmp(k, "user") == 0)
		numbers(c, &s->uid, 2);
	else if (strcmp(k, "group") == 0)
		group(c, s);
	else if (strcmp(k, "cwd") == 0)
		strings(c, &s->cwd, 1);
	else if (strcmp(k, "caps") == 0)
		caps(c, s);
	else if (strcmp(k, "rlimit") == 0)
		rlimit(c, s);
	else if (strcmp(k, "restart") == 0)
		numbers(c, &s->restart, 3);
	else if (strcmp(k, "ready") == 0)
		ready(c, s);
	else if (strcmp(k, "arg") == 0)
		arg(c, s);
	else if (strcmp(k, "env") == 0)
		env(c, s);
	else
		bad(c, "unknown");
}

static void check_services(struct cursor *c)
{
	if (conf.nr_services == 0)
		bad(c, "no service");
	for (size_t i = 0; i < conf.nr_services; i++)
		if (!conf.services[i].argv[0] ||
		    conf.services[i].argv[0][0] != '/')
			bad(c, "a service without an absolute program");
}

const struct conf *conf_load(void)
{
	struct cursor c = {.pos = text, .key = "first"};
	ssize_t n = read_file(CONF_PATH, text, sizeof(text));

	if (n < 0)
		die("read", CONF_PATH);
	c.end = text + n;
	conf.output = 1;
	conf.grace_ms = 10000;
	if (strcmp(next(&c), "mote-config-1") != 0)
		bad(&c, "not mote-config-1");
	while (strcmp(c.key = next(&c), "end") != 0)
		if (!read_global(&c))
			read_of_service(&c);
	if (c.pos != c.end)
		bad(&c, "bytes after it");
	check_services(&c);
	return &conf;
}
