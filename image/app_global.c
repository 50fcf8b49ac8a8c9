/* SPDX-License-Identifier: Apache-2.0 */
/* app_global.c: directives of APP_CONFIG for the guest as a whole. */
#include <stdlib.h>
#include <string.h>

#include "app_line.h"

int app_on_hostname(struct app_line *l)
{
	if (!app_is_host(l->word[0], 63))
		return app_line_bad(l,
				    "hostname \"%s\" is not 1 to 63 "
				    "letters, digits, -, . and _",
				    l->word[0]);
	strcpy(l->config->hostname, l->word[0]);
	return RC_OK;
}

int app_on_output(struct app_line *l)
{
	bool log = strcmp(l->word[0], "log") == 0;

	if (!log && strcmp(l->word[0], "none") != 0)
		return app_line_bad(l, "output \"%s\" is neither log nor none",
				    l->word[0]);
	l->config->output = log;
	return RC_OK;
}

int app_on_grace(struct app_line *l)
{
	uint64_t seconds;

	if (!app_number(l->word[0], APP_MAX_MS / 1000, &seconds))
		return app_line_bad(l,
				    "grace \"%s\" is not a number of "
				    "seconds from 0 to %u",
				    l->word[0], APP_MAX_MS / 1000);
	l->config->grace_ms = (uint32_t)seconds * 1000;
	return RC_OK;
}

/*
 * What tunes the network stack, memory and limits of the guest. Left out on
 * purpose is whatever starts programs or weakens the kernel, such as
 * kernel.core_pattern, kernel.modprobe and kernel.kptr_restrict. A name that
 * ends with '.', '_' or '-' stands for all that begin so.
 */
static const char *const sysctls[] = {
	"fs.aio-max-nr",      "fs.epoll.",
	"fs.file-max",	      "fs.inotify.",
	"fs.mqueue.",	      "fs.nr_open",
	"fs.pipe-",	      "kernel.keys.",
	"kernel.msg",	      "kernel.msgmax",
	"kernel.msgmnb",      "kernel.msgmni",
	"kernel.pid_max",     "kernel.sem",
	"kernel.shmall",      "kernel.shmmax",
	"kernel.shmmni",      "kernel.threads-max",
	"net.core.",	      "net.ipv4.",
	"net.ipv6.",	      "net.unix.",
	"vm.dirty_",	      "vm.max_map_count",
	"vm.min_free_kbytes", "vm.overcommit_",
	"vm.swappiness",      "vm.vfs_cache_pressure",
};

static bool sysctl_allowed(const char *name)
{
	for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
		size_t len = strlen(sysctls[i]);
		bool prefix = strchr("._-", sysctls[i][len - 1]) != NULL;

		if (prefix ? strncmp(name, sysctls[i], len) == 0
			   : strcmp(name, sysctls[i]) == 0)
			return true;
	}
	return false;
}

static bool sysctl_well_formed(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 127 && name[len - 1] != '.' &&
	       !strstr(name, "..") &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == len;
}

int app_on_sysctl(struct app_line *l)
{
	struct strv *list = &l->config->sysctls;
	char *name = l->rest, *value = strchr(name, '=');
	int rc;

	if (!value)
		return app_line_bad(l, "usage: sysctl NAME=VALUE");
	*value++ = '\0';
	if (!sysctl_well_formed(name) || !sysctl_allowed(name))
		return app_line_bad(l,
				    "sysctl \"%s\" is not one that may be "
				    "set",
				    name);
	if (value[0] == '\0' || strlen(value) > 255 || strchr(value, '\n'))
		return app_line_bad(l,
				    "value of sysctl %s is not 1 to 255 "
				    "bytes on one line",
				    name);
	for (char *p = name; *p; p++)
		*p = *p == '.' ? '/' : *p;
	for (size_t i = 0; i < list->n; i += 2) {
		if (strcmp(list->v[i], name) == 0)
			return app_line_bad(l, "duplicate sysctl %s", name);
	}
	if (list->n == 2 * (size_t)APP_MAX_SYSCTLS)
		return app_line_limit(l, APP_MAX_SYSCTLS, "sysctls");
	rc = strv_add(list, name, l->e);
	return rc ? rc : strv_add(list, value, l->e);
}

int app_on_port(struct app_line *l)
{
	struct app_config *c = l->config;
	char *slash = strchr(l->word[0], '/');
	bool udp = slash && strcmp(slash, "/udp") == 0;
	uint64_t port;

	if (slash && !udp && strcmp(slash, "/tcp") != 0)
		return app_line_bad(l, "port \"%s\" is neither /tcp nor /udp",
				    l->word[0]);
	if (slash)
		*slash = '\0';
	if (!app_number(l->word[0], 65535, &port) || port == 0)
		return app_line_bad(l,
				    "port \"%s\" is not a number from 1 to "
				    "65535",
				    l->word[0]);
	for (size_t i = 0; i < c->nr_ports; i++) {
		if (c->ports[i].port == port && c->ports[i].udp == udp)
			return app_line_bad(l, "duplicate port %s", l->word[0]);
	}
	if (c->nr_ports == APP_MAX_PORTS)
		return app_line_limit(l, APP_MAX_PORTS, "ports");
	c->ports[c->nr_ports].port = (uint16_t)port;
	c->ports[c->nr_ports++].udp = udp;
	return RC_OK;
}

/* SIZE: a number with K, M or G, from 64K to 1024G. */
static bool parse_size(const char *s, uint64_t *bytes)
{
	char digits[16];
	size_t len = strlen(s);
	unsigned int shift;

	if (len < 2 || len > sizeof(digits))
		return false;
	switch (s[len - 1]) {
	case 'K':
		shift = 10;
		break;
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	default:
		return false;
	}
	memcpy(digits, s, len - 1);
	digits[len - 1] = '\0';
	if (!app_number(digits, (1ULL << 40) >> shift, bytes))
		return false;
	*bytes <<= shift;
	return *bytes >= 65536;
}

static bool parse_mode(const char *s, mode_t *mode)
{
	size_t len = strlen(s);

	if (len < 3 || len > 4 || strspn(s, "01234567") != len)
		return false;
	*mode = (mode_t)strtoul(s, NULL, 8);
	return true;
}

static int fill_writable(struct app_line *l, struct app_writable *w)
{
	w->line = l->nr;
	if (!parse_size(l->word[1], &w->bytes))
		return app_line_bad(l,
				    "size \"%s\" is not a number with K, M "
				    "or G, from 64K to 1024G",
				    l->word[1]);
	if (l->nr_words > 2 && !parse_mode(l->word[2], &w->mode))
		return app_line_bad(l, "mode \"%s\" is not 3 or 4 octal digits",
				    l->word[2]);
	w->has_mode = l->nr_words > 2;
	w->path = strdup(l->word[0]);
	if (l->nr_words > 3)
		w->owner = strdup(l->word[3]);
	if (!w->path || (l->nr_words > 3 && !w->owner))
		return err_nomem(l->e);
	return RC_OK;
}

int app_on_writable(struct app_line *l)
{
	struct app_config *c = l->config;
	const char *fault = app_path_fault(l->word[0]);

	if (fault)
		return app_line_bad(l, "path \"%s\" %s", l->word[0], fault);
	for (size_t i = 0; i < c->nr_writable; i++) {
		if (strcmp(c->writable[i].path, l->word[0]) == 0)
			return app_line_bad(l,
					    "duplicate writable %s, first "
					    "on line %u",
					    l->word[0], c->writable[i].line);
	}
	if (c->nr_writable == APP_MAX_WRITABLE)
		return app_line_limit(l, APP_MAX_WRITABLE, "writable paths");
	return fill_writable(l, &c->writable[c->nr_writable++]);
}
