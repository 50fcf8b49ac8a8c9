/* SPDX-License-Identifier: Apache-2.0 */
/* conf.c: the measured configuration, /.mote/config. */
#include <stddef.h>
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

/* The value of a digit, or 255. */
static unsigned int digit(char d)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = d ? strchr(digits, d) : NULL;

	return p ? (unsigned int)(p - digits) : 255;
}

bool conf_number(const char *s, unsigned int radix, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	do {
		unsigned int d = digit(*s);

		if (d >= radix || d > max || v > (max - d) / radix)
			return false;
		v = v * radix + d;
	} while (*++s);
	*out = v;
	return true;
}

bool conf_hex(const char *s, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned int high = digit(s[2 * i]);
		unsigned int low = high < 16 ? digit(s[2 * i + 1]) : 255;

		if (low >= 16)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return s[2 * n] == '\0';
}

/*
 * How the values of a record are stored: to a fixed place, or appended to an
 * array of at most "max" such places whose count is the size_t at "count".
 */
struct record {
	const char *key;
	unsigned int values, numbers; /* bit i of numbers: value i is one */
	uint64_t limit;		      /* of every number */
	size_t offset, count, max;
};
#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define AT(type, member) offsetof(struct type, member)
#define MANY(type, member, n, most) AT(type, member), AT(type, n), most

static const struct record globals[] = {
	{"hostname", 1, 0, 0, AT(conf, hostname), 0, 0},
	{"output", 1, 1, 1, AT(conf, output), 0, 0},
	{"grace", 1, 1, 3600000, AT(conf, grace_ms), 0, 0},
	{"addr4", 2, 0, 0, AT(conf, v4.addr), 0, 0},
	{"gw4", 1, 0, 0, AT(conf, v4.gateway), 0, 0},
	{"addr6", 2, 0, 0, AT(conf, v6.addr), 0, 0},
	{"gw6", 1, 0, 0, AT(conf, v6.gateway), 0, 0},
	{"sysctl", 2, 0, 0, MANY(conf, sysctls, nr_sysctls, CONF_MAX_SYSCTLS)},
	{"tmpfs", 5, 0, 0, MANY(conf, tmpfs, nr_tmpfs, CONF_MAX_TMPFS)},
};

#define SERVICE_AT(member) AT(conf_service, member), 0, 0
#define SERVICE_MANY(member, n, most) MANY(conf_service, member, n, most)
static const struct record of_service[] = {
	/* 0xffffffff would mean "no change". */
	{"user", 2, 3, 0xfffffffe, SERVICE_AT(uid)},
	{"group", 1, 1, 0xfffffffe,
	 SERVICE_MANY(groups, nr_groups, CONF_MAX_GROUPS)},
	{"cwd", 1, 0, 0, SERVICE_AT(cwd)},
	{"caps", 1, 1, UINT64_MAX, SERVICE_AT(caps)},
	{"rlimit", 3, 7, UINT64_MAX,
	 SERVICE_MANY(rlimits, nr_rlimits, CONF_MAX_RLIMITS)},
	{"restart", 3, 7, UINT32_MAX, SERVICE_AT(restart)},
	{"ready", 2, 2, 3600000, SERVICE_AT(ready)},
	{"arg", 1, 0, 0, SERVICE_MANY(argv, nr_args, CONF_MAX_STRINGS)},
	{"env", 1, 0, 0, SERVICE_MANY(envp, nr_envs, CONF_MAX_STRINGS)},
};

_Static_assert(sizeof(char *) == 8 && sizeof(size_t) == 8, "places");
/* Where the values go: every place is eight bytes, a pointer or a number. */
static char *place(struct cursor *c, const struct record *r, char *base)
{
	size_t *count = (size_t *)(void *)(base + r->count);

	if (!r->max)
		return base + r->offset;
	if (*count >= r->max)
		bad(c, "too many of them");
	return base + r->offset + (*count)++ * r->values * sizeof(uint64_t);
}

static void store(struct cursor *c, const struct record *r, char *base)
{
	unsigned int radix = strcmp(r->key, "caps") == 0 ? 16 : 10;
	char *p = place(c, r, base);

	for (unsigned int i = 0; i < r->values; i++, p += sizeof(uint64_t)) {
		const char *s = next(c);
		uint64_t v;

		if (!(r->numbers >> i & 1))
			memcpy(p, &s, sizeof(s));
		else if (conf_number(s, radix, r->limit, &v))
			memcpy(p, &v, sizeof(v));
		else
			bad(c, "not a number or too large");
	}
}

static bool read_record(struct cursor *c, const struct record *r, size_t n,
			void *base)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(c->key, r[i].key) != 0)
			continue;
		store(c, &r[i], base);
		return true;
	}
	return false;
}

static bool read_global(struct cursor *c)
{
	if (strcmp(c->key, "service") != 0)
		return read_record(c, globals, LEN(globals), &conf);
	if (conf.nr_services == CONF_MAX_SERVICES)
		bad(c, "too many of them");
	conf.services[conf.nr_services++].name = next(c);
	return true;
}

static bool read_of_service(struct cursor *c)
{
	if (conf.nr_services == 0)
		return false;
	return read_record(c, of_service, LEN(of_service),
			   &conf.services[conf.nr_services - 1]);
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
		if (!read_global(&c) && !read_of_service(&c))
			bad(&c, conf.nr_services
					? "unknown"
					: "unknown before the first service");
	if (c.pos != c.end)
		bad(&c, "bytes after it");
	check_services(&c);
	return &conf;
}
