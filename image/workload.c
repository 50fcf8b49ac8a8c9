/* SPDX-License-Identifier: Apache-2.0 */
/* workload.c: APP_CONFIG and image configuration, resolved in the tree. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "caps.h"
#include "workload.h"

#define DEFAULT_PATH                                                           \
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* "FILE:LINE", or the file of the image if APP_CONFIG does not say it. */
static void say_where(const struct workload *w, unsigned int line, char *out,
		      size_t size)
{
	if (line)
		(void)snprintf(out, size, "%s:%u", w->app_file, line);
	else
		(void)snprintf(out, size, "%s", w->oci ? w->oci_file : "APP");
}

static int copy_list(struct strv *to, const struct strv *from, struct err *e)
{
	int rc = RC_OK;

	for (size_t i = 0; !rc && i < from->n; i++)
		rc = strv_add(to, from->v[i], e);
	return rc;
}

/* "arg" lines replace Entrypoint and Cmd together. */
static int take_args(struct workload *w, struct workload_service *s,
		     const struct oci_config *oci, struct err *e)
{
	const struct strv *from = &s->app->args;

	if (from->n == 0 && oci)
		from = &oci->args;
	if (from->n > 0)
		return copy_list(&s->args, from, e);
	if (s->app->line)
		return err_set(e, RC_FORMAT,
			       "%s:%u: service %s has no \"arg\" line: give "
			       "its program and arguments, one line each",
			       w->app_file, s->app->line, s->app->name);
	return err_set(e, RC_FORMAT,
		       "%s: no program to run: %s; give it and its arguments "
		       "in APP_CONFIG, one \"arg\" line each",
		       w->app_file ? w->app_file : "APP_CONFIG",
		       oci ? "the image has neither Entrypoint nor Cmd"
			   : "a directory or tar does not name one");
}

/* The PATH of the image also serves services that APP_CONFIG adds. */
static int add_path(const struct workload *w, struct strv *env, struct err *e)
{
	const struct strv *image = w->oci ? &w->oci->env : NULL;

	for (size_t i = 0; image && i < image->n; i++) {
		if (strncmp(image->v[i], "PATH=", 5) == 0)
			return strv_add(env, image->v[i], e);
	}
	return strv_add(env, DEFAULT_PATH, e);
}

/* The image's environment, changed by "env" lines; PATH and HOME always. */
static int take_env(struct workload *w, struct workload_service *s,
		    const struct oci_config *oci, struct err *e)
{
	char home[USERS_MAX_HOME + 8];
	int rc = oci ? copy_list(&s->env, &oci->env, e) : RC_OK;

	for (size_t i = 0; !rc && i < s->app->env.n; i++)
		rc = strv_set_env(&s->env, s->app->env.v[i], e);
	if (!rc && !strv_env(&s->env, "PATH"))
		rc = add_path(w, &s->env, e);
	(void)snprintf(home, sizeof(home), "HOME=%s", s->ids.home); /* fits */
	if (!rc && !strv_env(&s->env, "HOME"))
		rc = strv_add(&s->env, home, e);
	return rc;
}

static int check_strings(const struct workload *w,
			 const struct workload_service *s, struct err *e)
{
	if (s->args.n + s->env.n <= APP_MAX_STRINGS)
		return RC_OK;
	return err_set(e, RC_LIMIT,
		       "%s: service %s: more than %d arguments and variables",
		       w->app_file ? w->app_file : w->oci_file, s->app->name,
		       APP_MAX_STRINGS);
}

static int take_user(struct workload *w, struct workload_service *s,
		     const struct oci_config *oci, struct err *e)
{
	const char *spec = s->app->user;
	char where[PATH_MAX + 16];
	struct err inner = {""};
	int rc;

	if (!spec)
		spec = oci ? oci->user : "";
	rc = users_resolve(&w->users, spec, &s->ids, &inner);
	if (!rc)
		return RC_OK;
	say_where(w, s->app->user_line, where, sizeof(where));
	return err_set(e, rc, "%s: %s", where, inner.msg);
}

/* The directory is made later if it is missing, so it must stay visible. */
static int take_workdir(struct workload *w, struct workload_service *s,
			const struct oci_config *oci, struct err *e)
{
	const char *dir = s->app->workdir, *cover;
	char where[PATH_MAX + 16], real[PATH_MAX];
	struct err inner = {""};
	int rc;

	if (!dir)
		dir = oci ? oci->workdir : "/";
	say_where(w, s->app->workdir_line, where, sizeof(where));
	rc = tree_resolve(w->tree, dir, real, &inner);
	if (rc)
		return err_set(e, rc, "%s: working directory %s", where,
			       inner.msg);
	cover = workload_covered(w, real, true);
	if (cover && strcmp(real, "/dev/shm") != 0)
		return err_set(e, RC_UNSUPPORTED,
			       "%s: working directory %s would not exist in "
			       "the guest: an empty file system is mounted on "
			       "%s; give another with \"workdir\"",
			       where, dir, cover);
	s->cwd = strdup(dir);
	return s->cwd ? RC_OK : err_nomem(e);
}

static void take_caps(struct workload_service *s)
{
	const struct app_service *a = s->app;

	s->caps = s->ids.uid == 0 && !a->drop_all ? CAPS_DEFAULT : 0;
	s->caps &= ~a->caps_drop;
	s->caps |= a->caps_add;
}

/* What container runtimes give, unless APP_CONFIG says otherwise. */
static void take_rlimits(struct workload_service *s)
{
	static const struct app_rlimit defaults[] = {
		{RLIMIT_NOFILE, 1024, 524288},
		{RLIMIT_CORE, 0, 0},
	};
	const struct app_service *a = s->app;

	memcpy(s->rlimits, a->rlimits, sizeof(s->rlimits));
	s->nr_rlimits = a->nr_rlimits;
	for (size_t i = 0; i < 2; i++) {
		bool given = false;

		for (size_t j = 0; j < a->nr_rlimits; j++)
			given |= a->rlimits[j].resource == defaults[i].resource;
		if (!given) /* there is room: each resource is there once */
			s->rlimits[s->nr_rlimits++] = defaults[i];
	}
}

static int add_service(struct workload *w, const struct app_service *app,
		       const struct oci_config *oci, struct err *e)
{
	struct workload_service *s = &w->services[w->nr_services++];
	char where[PATH_MAX + 16];
	int rc;

	s->app = app;
	rc = take_args(w, s, oci, e);
	rc = rc ? rc : take_user(w, s, oci, e);
	rc = rc ? rc : take_env(w, s, oci, e);
	rc = rc ? rc : check_strings(w, s, e);
	rc = rc ? rc : take_workdir(w, s, oci, e);
	if (rc)
		return rc;
	take_caps(s);
	take_rlimits(s);
	say_where(w, app->arg_line, where, sizeof(where));
	return workload_find_program(w, s, where, e);
}

static int add_services(struct workload *w, struct err *e)
{
	int rc = RC_OK;

	for (size_t i = 1; !rc && i < w->app->nr_services; i++)
		rc = add_service(w, &w->app->services[i], NULL, e);
	return rc ? rc : add_service(w, &w->app->services[0], w->oci, e);
}

static int by_port(const void *a, const void *b)
{
	const struct app_port *x = a, *y = b;

	return x->port != y->port ? x->port - y->port : x->udp - y->udp;
}

static void add_port(struct workload *w, const struct app_port *p)
{
	for (size_t i = 0; i < w->nr_ports; i++) {
		if (by_port(&w->ports[i], p) == 0)
			return;
	}
	w->ports[w->nr_ports++] = *p;
}

static int add_ports(struct workload *w, struct err *e)
{
	int rc = RC_OK;

	for (size_t i = 0; i < w->app->nr_ports; i++)
		add_port(w, &w->app->ports[i]);
	for (size_t i = 0;
	     w->oci && !w->app->network_none && i < w->oci->nr_ports; i++)
		add_port(w, &w->oci->ports[i]);
	qsort(w->ports, w->nr_ports, sizeof(w->ports[0]), by_port);
	for (size_t i = 0; w->oci && !rc && i < w->oci->ignored_ports.n; i++)
		rc = strv_addf(&w->notices, e,
			       "port %s of the image is not listed: only tcp "
			       "and udp are",
			       w->oci->ignored_ports.v[i]);
	return rc;
}

/* QEMU's user network, unless APP_CONFIG gives an address. */
static int add_network(struct workload *w, struct err *e)
{
	const struct app_config *a = w->app;

	if (a->network_none)
		return RC_OK;
	w->v4 = a->v4;
	w->v6 = a->v6;
	if (!a->v4.line && !a->v6.line) {
		w->v4.line = w->v4.gateway_line = 1;
		w->v4.prefix = 24;
		w->v6.line = w->v6.gateway_line = 1;
		w->v6.prefix = 64;
		if (inet_pton(AF_INET, "10.0.2.15", w->v4.addr) != 1 ||
		    inet_pton(AF_INET, "10.0.2.2", w->v4.gateway) != 1 ||
		    inet_pton(AF_INET6, "fec0::15", w->v6.addr) != 1 ||
		    inet_pton(AF_INET6, "fec0::2", w->v6.gateway) != 1)
			abort(); /* constants */
		if (a->nameservers.n == 0)
			return strv_add(&w->nameservers, "10.0.2.3", e);
	}
	if (a->nameservers.n == 0)
		return strv_addf(&w->notices, e,
				 "no nameserver: the guest knows only the "
				 "names in /etc/hosts");
	return copy_list(&w->nameservers, &a->nameservers, e);
}

static int note_stop_signal(struct workload *w, struct err *e)
{
	const char *sig = w->oci ? w->oci->stop_signal : "";

	if (sig[0] == '\0' || strcmp(sig, "SIGTERM") == 0 ||
	    strcmp(sig, "TERM") == 0 || strcmp(sig, "15") == 0)
		return RC_OK;
	return strv_addf(&w->notices, e,
			 "the image wants to be stopped with %.40s; the guest "
			 "sends SIGTERM, then SIGKILL",
			 sig);
}

static int note_covered(struct workload *w, struct err *e)
{
	static const char *const dirs[] = {"/dev", "/proc", "/sys", "/run",
					   "/tmp"};
	int rc = RC_OK;

	for (size_t i = 0; !rc && i < 5; i++) {
		size_t n;

		rc = tree_count(w->tree, dirs[i], &n, e);
		if (!rc && n > 0)
			rc = strv_addf(&w->notices, e,
				       "the guest mounts a file system on %s "
				       "and hides what the image has there: "
				       "%zu %s",
				       dirs[i], n,
				       n == 1 ? "entry" : "entries");
	}
	return rc;
}

int workload_resolve(struct workload *w, struct err *e)
{
	int rc = users_load(&w->users, w->tree, e);

	rc = rc ? rc : workload_add_tmpfs(w, e);
	rc = rc ? rc : add_services(w, e);
	rc = rc ? rc : add_network(w, e);
	rc = rc ? rc : add_ports(w, e);
	rc = rc ? rc : note_stop_signal(w, e);
	return rc ? rc : note_covered(w, e);
}

void workload_free(struct workload *w)
{
	for (size_t i = 0; i < w->nr_services; i++) {
		strv_free(&w->services[i].args);
		strv_free(&w->services[i].env);
		free(w->services[i].cwd);
	}
	users_free(&w->users);
	strv_free(&w->nameservers);
	strv_free(&w->notices);
}
