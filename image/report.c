/* SPDX-License-Identifier: Apache-2.0 */
/* report.c: the workload as JSON, for programs and people. */
#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caps.h"
#include "report.h"

/*
 * jansson takes a NULL value for "out of memory before" and reports it, so
 * these functions hand NULL on, and report_text() checks once.
 */

static json_t *hex_string(const char *s)
{
	size_t len = strlen(s);
	char *hex = malloc(2 * len + 1);
	json_t *v;

	if (!hex)
		return NULL;
	for (size_t i = 0; i < len; i++)
		(void)sprintf(hex + 2 * i, "%02x", (unsigned char)s[i]);
	v = json_pack("{s:s}", "hex", hex);
	free(hex);
	return v;
}

static json_t *string(const char *s)
{
	json_t *v = json_string(s);

	return v ? v : hex_string(s);
}

static json_t *strings(const struct strv *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++) {
		if (json_array_append_new(list, string(l->v[i]))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *caps(uint64_t mask)
{
	json_t *list = json_array();

	for (unsigned int i = 0; caps_name(i); i++) {
		if ((mask >> i & 1) &&
		    json_array_append_new(
			    list, json_sprintf("CAP_%s", caps_name(i)))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *groups(const struct users_ids *ids)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ids->nr_groups; i++)
		json_array_append_new(list, json_integer(ids->groups[i]));
	return list;
}

static json_t *service(const struct workload_service *s)
{
	return json_pack("{s:s, s:o, s:I, s:I, s:o, s:o, s:o}", "name",
			 s->app->name, "argv", strings(&s->args), "uid",
			 (json_int_t)s->ids.uid, "gid", (json_int_t)s->ids.gid,
			 "groups", groups(&s->ids), "cwd", string(s->cwd),
			 "caps", caps(s->caps));
}

static json_t *services(const struct workload *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->nr_services; i++) {
		if (json_array_append_new(list, service(&w->services[i]))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *tmpfs(const struct workload *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->nr_tmpfs; i++) {
		const struct workload_tmpfs *t = &w->tmpfs[i];
		json_t *v = json_pack(
			"{s:o, s:I, s:o, s:I, s:I}", "path", string(t->path),
			"bytes", (json_int_t)t->bytes, "mode",
			json_sprintf("%04o", t->mode), "uid",
			(json_int_t)t->uid, "gid", (json_int_t)t->gid);

		if (json_array_append_new(list, v)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *ports(const struct workload *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->nr_ports; i++)
		json_array_append_new(
			list,
			json_pack("{s:i, s:s}", "port", (int)w->ports[i].port,
				  "proto", w->ports[i].udp ? "udp" : "tcp"));
	return list;
}

static json_t *address(int family, const struct app_net *net)
{
	char addr[INET6_ADDRSTRLEN], gateway[INET6_ADDRSTRLEN];

	if (!net->line || !inet_ntop(family, net->addr, addr, sizeof(addr)) ||
	    !inet_ntop(family, net->gateway, gateway, sizeof(gateway)))
		return json_null();
	return json_pack("{s:o, s:o}", "address",
			 json_sprintf("%s/%u", addr, net->prefix), "gateway",
			 net->gateway_line ? json_string(gateway)
					   : json_null());
}

static json_t *network(const struct workload *w)
{
	return json_pack("{s:o, s:o, s:o}", "ipv4", address(AF_INET, &w->v4),
			 "ipv6", address(AF_INET6, &w->v6), "nameservers",
			 strings(&w->nameservers));
}

int report_text(const struct workload *w, char **text, struct err *e)
{
	json_t *v = json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o}", "hostname", w->app->hostname,
		"network", network(w), "notices", strings(&w->notices), "ports",
		ports(w), "services", services(w), "tmpfs", tmpfs(w));
	char *dump = v ? json_dumps(v, JSON_SORT_KEYS | JSON_INDENT(1)) : NULL;

	*text = NULL;
	if (dump && asprintf(text, "%s\n", dump) < 0)
		*text = NULL;
	free(dump);
	json_decref(v);
	return *text ? RC_OK : err_nomem(e);
}
