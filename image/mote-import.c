/* SPDX-License-Identifier: Apache-2.0 */
/* mote-import.c: the parts of importing APP that need more than a shell. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "json_in.h"
#include "layer.h"
#include "layout.h"
#include "owners.h"
#include "tarball.h"
#include "xattrs.h"

static void print_notice(const struct layer_totals *t)
{
	struct err text = {""};

	if (t->nr_dropped == 0)
		return;
	err_set(&text, RC_OK,
		"%llu extended attributes are not kept (the first: %s)",
		(unsigned long long)t->nr_dropped, t->dropped);
	fprintf(stderr, "mote-import: notice: %s\n", text.msg);
}

/* kind TAR */
static int cmd_kind(char **arg, struct err *e)
{
	static const char *const names[] = {
		[TARBALL_ROOT] = "root",
		[TARBALL_DOCKER] = "docker-archive",
		[TARBALL_OCI] = "oci-archive",
	};
	enum tarball_kind kind;
	char *manifest;
	int rc = tarball_kind(arg[0], &kind, &manifest, e);

	free(manifest);
	if (!rc)
		puts(names[kind]);
	return rc;
}

/* pick LAYOUT [TAG] */
static int cmd_pick(char **arg, struct err *e)
{
	return layout_pick(arg[0], arg[1], stdout, e);
}

/* pick-docker TAR [TAG] */
static int cmd_pick_docker(char **arg, struct err *e)
{
	enum tarball_kind kind;
	char *manifest;
	int rc = tarball_kind(arg[0], &kind, &manifest, e);

	if (!rc && !manifest)
		rc = err_set(e, RC_FORMAT, "%s: not a docker-archive", arg[0]);
	if (!rc)
		rc = layout_pick_docker(arg[0], manifest, arg[1], stdout, e);
	free(manifest);
	return rc;
}

/* plain TAR OUT */
static int cmd_plain(char **arg, struct err *e)
{
	return tarball_plain(arg[0], arg[1], e);
}

/* files LAYOUT */
static int cmd_files(char **arg, struct err *e)
{
	return layout_files(arg[0], stdout, e);
}

/* check LAYER... */
static int cmd_check(char **arg, struct err *e)
{
	struct layer_totals totals = {0};
	struct layer_entry ent;
	struct layer *l;
	int rc = RC_OK;

	for (; *arg && !rc; arg++) {
		rc = layer_open(*arg, &totals, &l, e);
		if (rc)
			return rc;
		do {
			rc = layer_next(l, &ent, e);
		} while (!rc && ent.path);
		layer_close(l);
	}
	if (!rc)
		print_notice(&totals);
	return rc;
}

static int replay_layer(struct replay *r, const char *file,
			struct layer_totals *totals, struct err *e)
{
	struct layer_entry ent;
	struct layer *l;
	int rc = layer_open(file, totals, &l, e);

	if (rc)
		return rc;
	while (!(rc = layer_next(l, &ent, e)) && ent.path) {
		rc = replay_entry(r, file, &ent, e);
		if (rc)
			break;
	}
	layer_close(l);
	return rc;
}

static int apply(const char *tree, char **layers, bool whiteouts, struct err *e)
{
	struct layer_totals totals = {0};
	struct replay *r;
	int rc = replay_new(&r, e);

	if (rc)
		return rc;
	for (; *layers && !rc; layers++) {
		replay_begin_layer(r, whiteouts);
		rc = replay_layer(r, *layers, &totals, e);
	}
	if (!rc)
		rc = owners_apply(tree, r, e);
	replay_free(r);
	return rc;
}

/* owners TREE LAYER... */
static int cmd_owners(char **arg, struct err *e)
{
	return apply(arg[0], arg + 1, true, e);
}

/* owners-tar TREE TAR */
static int cmd_owners_tar(char **arg, struct err *e)
{
	return apply(arg[0], arg + 1, false, e);
}

/* owners-root TREE */
static int cmd_owners_root(char **arg, struct err *e)
{
	return owners_all_root(arg[0], e);
}

/* tree DIR */
static int cmd_tree(char **arg, struct err *e)
{
	struct layer_totals totals = {0};
	int rc = owners_check_tree(arg[0], &totals, e);

	if (!rc)
		print_notice(&totals);
	return rc;
}

/* prepare DIR */
static int cmd_prepare(char **arg, struct err *e)
{
	return xattrs_remove_acls(arg[0], e);
}

static const struct {
	const char *name;
	int min, max; /* arguments */
	int (*run)(char **arg, struct err *e);
} commands[] = {
	{"kind", 1, 1, cmd_kind},
	{"pick", 1, 2, cmd_pick},
	{"pick-docker", 1, 2, cmd_pick_docker},
	{"plain", 2, 2, cmd_plain},
	{"files", 1, 1, cmd_files},
	{"check", 1, 1024, cmd_check},
	{"owners", 2, 1024, cmd_owners},
	{"owners-tar", 2, 2, cmd_owners_tar},
	{"owners-root", 1, 1, cmd_owners_root},
	{"tree", 1, 1, cmd_tree},
	{"prepare", 1, 1, cmd_prepare},
};

static int usage(void)
{
	fputs("usage: mote-import kind TAR\n"
	      "       mote-import pick LAYOUT [TAG]\n"
	      "       mote-import pick-docker TAR [TAG]\n"
	      "       mote-import plain TAR OUT\n"
	      "       mote-import files LAYOUT\n"
	      "       mote-import check LAYER...\n"
	      "       mote-import owners TREE LAYER...\n"
	      "       mote-import owners-tar TREE TAR\n"
	      "       mote-import owners-root TREE\n"
	      "       mote-import tree DIR\n"
	      "       mote-import prepare DIR\n",
	      stderr);
	return 2;
}

static int run(int i, char **arg)
{
	struct err e = {""};
	int rc = commands[i].run(arg, &e);

	if (!rc && fflush(stdout))
		rc = err_sys(&e, "cannot write to standard output");
	if (rc)
		fprintf(stderr, "mote-import: %s\n", e.msg);
	return err_exit_status(rc);
}

int main(int argc, char **argv)
{
	struct rlimit files;

	json_in_start();
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("mote-import " MOTE_VERSION) < 0;
	/* libarchive converts the names of pax headers to the locale's. */
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		fputs("mote-import: locale C.UTF-8 is missing\n", stderr);
		return 1;
	}
	/* One descriptor for each directory level; if refused, open() tells. */
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	for (int i = 0;
	     argc > 1 && i < (int)(sizeof(commands) / sizeof(commands[0]));
	     i++) {
		if (strcmp(argv[1], commands[i].name) == 0 &&
		    argc - 2 >= commands[i].min && argc - 2 <= commands[i].max)
			return run(i, argv + 2);
	}
	return usage();
}
