/* SPDX-License-Identifier: Apache-2.0 */
/* root_files.c: what mote itself puts into the root tree. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "root_files.h"

int root_files_make_dirs(const struct tree *t, struct err *e)
{
	static const struct {
		const char *path;
		mode_t mode;
	} dirs[] = {
		{"/dev", 0755}, {"/proc", 0755}, {"/sys", 0755},
		{"/run", 0755}, {"/tmp", 01777}, {"/etc", 0755},
	};
	int rc = RC_OK;

	for (size_t i = 0; !rc && i < sizeof(dirs) / sizeof(dirs[0]); i++)
		rc = tree_make_dir(t, dirs[i].path, dirs[i].mode, e);
	return rc;
}

static int make_mount_points(const struct workload *w, struct err *e)
{
	int rc = RC_OK;

	for (size_t i = 0; !rc && i < w->nr_tmpfs; i++) {
		if (!w->tmpfs[i].standard) /* init sees to those */
			rc = tree_make_dir(w->tree, w->tmpfs[i].path, 0755, e);
	}
	return rc;
}

static int make_workdirs(const struct workload *w, struct err *e)
{
	int rc = RC_OK;

	for (size_t i = 0; !rc && i < w->nr_services; i++) {
		char real[PATH_MAX];

		rc = tree_resolve(w->tree, w->services[i].cwd, real, e);
		if (!rc && !workload_covered(w, real, false))
			rc = tree_make_dir(w->tree, real, 0755, e);
	}
	return rc;
}

/* The line of the guest's own name: its addresses, or one of the loopback. */
static void put_own_name(const struct workload *w, FILE *out)
{
	const char *name = w->app->hostname;
	char text[INET6_ADDRSTRLEN];

	if (strcmp(name, "localhost") == 0)
		return;
	if (!w->v4.line && !w->v6.line)
		fprintf(out, "127.0.1.1 %s\n", name);
	if (w->v4.line && inet_ntop(AF_INET, w->v4.addr, text, sizeof(text)))
		fprintf(out, "%s %s\n", text, name);
	if (w->v6.line && inet_ntop(AF_INET6, w->v6.addr, text, sizeof(text)))
		fprintf(out, "%s %s\n", text, name);
}

static void put_hosts(const struct workload *w, FILE *out)
{
	fputs("127.0.0.1 localhost\n::1 localhost\n", out);
	put_own_name(w, out);
	for (size_t i = 0; i < w->app->hosts.n; i++)
		fprintf(out, "%s\n", w->app->hosts.v[i]);
}

static void put_hostname(const struct workload *w, FILE *out)
{
	fprintf(out, "%s\n", w->app->hostname);
}

static void put_resolv_conf(const struct workload *w, FILE *out)
{
	for (size_t i = 0; i < w->nameservers.n; i++)
		fprintf(out, "nameserver %s\n", w->nameservers.v[i]);
}

static int write_etc(const struct workload *w, const char *name,
		     void (*fill)(const struct workload *w, FILE *out),
		     struct err *e)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int rc;

	if (!out)
		return err_nomem(e);
	fill(w, out);
	/* A memory stream fails only for lack of memory, seen here. */
	if (fclose(out))
		rc = err_nomem(e);
	else
		rc = tree_put_etc(w->tree, name, text, e);
	free(text);
	return rc;
}

int root_files_write(const struct workload *w, struct err *e)
{
	int rc = make_mount_points(w, e);

	rc = rc ? rc : make_workdirs(w, e);
	rc = rc ? rc : write_etc(w, "hosts", put_hosts, e);
	rc = rc ? rc : write_etc(w, "hostname", put_hostname, e);
	return rc ? rc : write_etc(w, "resolv.conf", put_resolv_conf, e);
}
