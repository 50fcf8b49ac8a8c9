/* SPDX-License-Identifier: Apache-2.0 */
/* config_out.c: the compiled configuration, /.mote/config. */
/*
 * A sequence of strings, each ended by one NUL byte: "mote-config-1", records,
 * "end". A record is a key and a fixed number of values, so nothing needs to
 * be quoted. Records of the guest come first, then the services; "service"
 * begins one. docs/mote-image.5 lists the records, init/conf.c reads them.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config_out.h"

struct out {
	char *buf;
	size_t len;
	bool full; /* sticky: checked once, at the end */
};

static void put(struct out *o, const char *s)
{
	size_t n = strlen(s) + 1;

	if (o->full || n > CONFIG_OUT_MAX - o->len) {
		o->full = true;
		return;
	}
	memcpy(o->buf + o->len, s, n);
	o->len += n;
}

__attribute__((format(printf, 2, 3))) static void putf(struct out *o,
						       const char *fmt, ...)
{
	char text[64]; /* numbers only */
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* fits */
	va_end(ap);
	put(o, text);
}

static void put_hex(struct out *o, const uint8_t *p, size_t n)
{
	char text[33];

	for (size_t i = 0; i < n; i++)
		(void)sprintf(text + 2 * i, "%02x", p[i]);
	put(o, text);
}

static void put_net(struct out *o, const struct app_net *net, char family,
		    size_t n)
{
	if (net->line) {
		putf(o, "addr%c", family);
		put_hex(o, net->addr, n);
		putf(o, "%u", net->prefix);
	}
	if (net->gateway_line) {
		putf(o, "gw%c", family);
		put_hex(o, net->gateway, n);
	}
}

static void put_tmpfs(struct out *o, const struct workload_tmpfs *t)
{
	put(o, "tmpfs");
	put(o, t->path);
	putf(o, "%" PRIu64, t->bytes);
	putf(o, "%04o", t->mode);
	putf(o, "%u", t->uid);
	putf(o, "%u", t->gid);
}

static void put_guest(struct out *o, const struct workload *w)
{
	const struct app_config *a = w->app;

	put(o, "hostname");
	put(o, a->hostname);
	put(o, "output");
	put(o, a->output ? "1" : "0");
	put(o, "grace");
	putf(o, "%u", a->grace_ms);
	for (size_t i = 0; i < a->sysctls.n; i += 2) {
		put(o, "sysctl");
		put(o, a->sysctls.v[i]);
		put(o, a->sysctls.v[i + 1]);
	}
	put_net(o, &w->v4, '4', 4);
	put_net(o, &w->v6, '6', 16);
	for (size_t i = 0; i < w->nr_tmpfs; i++)
		put_tmpfs(o, &w->tmpfs[i]);
}

static void put_list(struct out *o, const char *key, const struct strv *list)
{
	for (size_t i = 0; i < list->n; i++) {
		put(o, key);
		put(o, list->v[i]);
	}
}

static void put_limits(struct out *o, const struct workload_service *s)
{
	for (size_t i = 0; i < s->nr_rlimits; i++) {
		put(o, "rlimit");
		putf(o, "%d", s->rlimits[i].resource);
		putf(o, "%" PRIu64, s->rlimits[i].soft);
		putf(o, "%" PRIu64, s->rlimits[i].hard);
	}
}

static void put_service(struct out *o, const struct workload_service *s)
{
	put(o, "service");
	put(o, s->app->name);
	put(o, "user");
	putf(o, "%u", s->ids.uid);
	putf(o, "%u", s->ids.gid);
	for (size_t i = 0; i < s->ids.nr_groups; i++) {
		put(o, "group");
		putf(o, "%u", s->ids.groups[i]);
	}
	put(o, "cwd");
	put(o, s->cwd);
	put(o, "caps");
	putf(o, "%016" PRIx64, s->caps);
	put_limits(o, s);
	put(o, "restart");
	putf(o, "%d", (int)s->app->restart);
	putf(o, "%u", s->app->restart_delay_ms);
	putf(o, "%u", s->app->restart_tries);
	if (s->app->ready) {
		put(o, "ready");
		put(o, s->app->ready);
		putf(o, "%u", s->app->ready_ms);
	}
	put_list(o, "arg", &s->args);
	put_list(o, "env", &s->env);
}

int config_out(const struct workload *w, char out[CONFIG_OUT_MAX], size_t *len,
	       struct err *e)
{
	struct out o = {.buf = out};

	put(&o, "mote-config-1");
	put_guest(&o, w);
	for (size_t i = 0; i < w->nr_services; i++)
		put_service(&o, &w->services[i]);
	put(&o, "end");
	if (o.full)
		return err_set(e, RC_LIMIT,
			       "%s: the configuration is larger than %d bytes "
			       "when compiled: arguments and environment are "
			       "too long",
			       w->app_file ? w->app_file : w->oci_file,
			       CONFIG_OUT_MAX);
	*len = o.len;
	return RC_OK;
}
