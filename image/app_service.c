/* SPDX-License-Identifier: Apache-2.0 */
/* app_service.c: directives of APP_CONFIG for one service. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "app_line.h"
#include "caps.h"

#define MAX_NOFILE 1048576U /* default of the kernel's fs.nr_open */

/* Refuses one string too many; the image may add more, checked later. */
static int check_strings(struct app_line *l)
{
	if (l->service->args.n + l->service->env.n >= APP_MAX_STRINGS)
		return app_line_limit(l, APP_MAX_STRINGS,
				      "arguments and variables");
	return RC_OK;
}

int app_on_arg(struct app_line *l)
{
	int rc = check_strings(l);

	if (rc)
		return rc;
	if (l->service->args.n == 0 && l->rest[0] == '\0')
		return app_line_bad(l, "the first argument, the program, is "
				       "empty");
	if (l->service->args.n == 0)
		l->service->arg_line = l->nr;
	return strv_add(&l->service->args, l->rest, l->e);
}

int app_on_env(struct app_line *l)
{
	const char *equal = strchr(l->rest, '=');
	int rc = check_strings(l);

	if (rc)
		return rc;
	if (!equal || equal == l->rest)
		return app_line_bad(l, "usage: env NAME=VALUE");
	for (size_t i = 0; i < l->service->env.n; i++) {
		size_t n = (size_t)(equal - l->rest) + 1;

		if (strncmp(l->service->env.v[i], l->rest, n) == 0)
			return app_line_bad(l, "duplicate env %.*s",
					    (int)(n - 1), l->rest);
	}
	return strv_add(&l->service->env, l->rest, l->e);
}

static int take_string(struct app_line *l, char **out)
{
	*out = strdup(l->word[0]);
	return *out ? RC_OK : err_nomem(l->e);
}

int app_on_user(struct app_line *l)
{
	l->service->user_line = l->nr;
	return take_string(l, &l->service->user);
}

int app_on_workdir(struct app_line *l)
{
	const char *fault = app_path_fault(l->word[0]);

	if (fault)
		return app_line_bad(l, "path \"%s\" %s", l->word[0], fault);
	l->service->workdir_line = l->nr;
	return take_string(l, &l->service->workdir);
}

static const struct {
	const char *name;
	int resource;
} resources[] = {
	{"as", RLIMIT_AS},
	{"core", RLIMIT_CORE},
	{"cpu", RLIMIT_CPU},
	{"data", RLIMIT_DATA},
	{"fsize", RLIMIT_FSIZE},
	{"locks", RLIMIT_LOCKS},
	{"memlock", RLIMIT_MEMLOCK},
	{"msgqueue", RLIMIT_MSGQUEUE},
	{"nice", RLIMIT_NICE},
	{"nofile", RLIMIT_NOFILE},
	{"nproc", RLIMIT_NPROC},
	{"rss", RLIMIT_RSS},
	{"rtprio", RLIMIT_RTPRIO},
	{"rttime", RLIMIT_RTTIME},
	{"sigpending", RLIMIT_SIGPENDING},
	{"stack", RLIMIT_STACK},
};
#define NR_RESOURCES (sizeof(resources) / sizeof(resources[0]))
_Static_assert(NR_RESOURCES <= APP_MAX_RLIMITS, "each of them once");

static bool parse_limit(const char *s, uint64_t *out)
{
	if (strcmp(s, "unlimited") == 0) {
		*out = UINT64_MAX; /* RLIM_INFINITY */
		return true;
	}
	return app_number(s, UINT64_MAX - 1, out);
}

static int add_rlimit(struct app_line *l, int resource)
{
	struct app_service *s = l->service;
	struct app_rlimit *r = &s->rlimits[s->nr_rlimits];
	char *colon = strchr(l->word[1], ':');

	if (colon)
		*colon = '\0';
	if (!parse_limit(l->word[1], &r->soft) ||
	    !parse_limit(colon ? colon + 1 : l->word[1], &r->hard))
		return app_line_bad(l,
				    "rlimit %s is not SOFT or SOFT:HARD, "
				    "each a number or \"unlimited\"",
				    l->word[0]);
	if (r->soft > r->hard)
		return app_line_bad(l,
				    "rlimit %s: soft limit above the hard "
				    "limit",
				    l->word[0]);
	if (resource == RLIMIT_NOFILE && r->hard > MAX_NOFILE)
		return app_line_bad(l,
				    "rlimit nofile: hard limit above %u, "
				    "the most the guest's kernel allows",
				    MAX_NOFILE);
	for (size_t i = 0; i < s->nr_rlimits; i++) {
		if (s->rlimits[i].resource == resource)
			return app_line_bad(l, "duplicate rlimit %s",
					    l->word[0]);
	}
	r->resource = resource;
	s->nr_rlimits++; /* each resource once: there is room */
	return RC_OK;
}

int app_on_rlimit(struct app_line *l)
{
	for (size_t i = 0; i < NR_RESOURCES; i++) {
		if (strcmp(l->word[0], resources[i].name) == 0)
			return add_rlimit(l, resources[i].resource);
	}
	return app_line_bad(l, "unknown rlimit \"%s\"", l->word[0]);
}

int app_on_restart(struct app_line *l)
{
	static const char *const names[] = {
		[APP_NEVER] = "never",
		[APP_ON_FAILURE] = "on-failure",
		[APP_ALWAYS] = "always",
	};
	struct app_service *s = l->service;
	uint64_t delay = 100, tries = 0;
	unsigned int i = 0;

	while (i < 3 && strcmp(l->word[0], names[i]) != 0)
		i++;
	if (i == 3)
		return app_line_bad(l,
				    "restart \"%s\" is none of never, "
				    "on-failure, always",
				    l->word[0]);
	if (i == APP_NEVER && l->nr_words > 1)
		return app_line_bad(l, "\"restart never\" has no delay");
	if (l->nr_words > 1 && !app_number(l->word[1], APP_MAX_MS, &delay))
		return app_line_bad(l,
				    "delay \"%s\" is not a number of "
				    "milliseconds from 0 to %u",
				    l->word[1], APP_MAX_MS);
	if (l->nr_words > 2 && !app_number(l->word[2], 1000000, &tries))
		return app_line_bad(l,
				    "tries \"%s\" is not a number from 0 "
				    "(no limit) to 1000000",
				    l->word[2]);
	s->restart = (enum app_restart)i;
	s->restart_delay_ms = (uint32_t)delay;
	s->restart_tries = (uint32_t)tries;
	return RC_OK;
}

int app_on_ready(struct app_line *l)
{
	const char *fault = app_path_fault(l->word[0]);
	uint64_t seconds = 30;

	if (l->service == &l->config->services[0])
		return app_line_bad(l,
				    "\"ready\" is for a \"service\"; nothing "
				    "is started after the workload");
	if (fault)
		return app_line_bad(l, "path \"%s\" %s", l->word[0], fault);
	if (l->nr_words > 1 &&
	    (!app_number(l->word[1], APP_MAX_MS / 1000, &seconds) ||
	     seconds == 0))
		return app_line_bad(l,
				    "\"%s\" is not a number of seconds from "
				    "1 to %u",
				    l->word[1], APP_MAX_MS / 1000);
	l->service->ready_ms = (uint32_t)seconds * 1000;
	return take_string(l, &l->service->ready);
}

int app_on_capability(struct app_line *l)
{
	struct app_service *s = l->service;
	bool add = strcmp(l->word[0], "add") == 0;
	uint64_t mask = caps_mask(l->word[1]);

	if (!add && strcmp(l->word[0], "drop") != 0)
		return app_line_bad(l, "usage: capability add|drop NAME");
	if (!add && strcmp(l->word[1], "all") == 0) {
		if (s->drop_all)
			return app_line_bad(l, "duplicate capability all");
		s->drop_all = true;
		return RC_OK;
	}
	if (!mask)
		return app_line_bad(l, "unknown capability \"%s\"", l->word[1]);
	if ((s->caps_add | s->caps_drop) & mask)
		return app_line_bad(l, "duplicate capability %s", l->word[1]);
	if (add)
		s->caps_add |= mask;
	else
		s->caps_drop |= mask;
	return RC_OK;
}
