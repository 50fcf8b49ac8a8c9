/* SPDX-License-Identifier: Apache-2.0 */
/* mote-config.c: compiles the definition of the workload into a root tree. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_out.h"
#include "file.h"
#include "json_in.h"
#include "report.h"
#include "root_files.h"

struct options {
	const char *oci, *app, *tree, *out, *report;
};

static int usage(void)
{
	fputs("usage: mote-config [--oci FILE] [--app-config FILE] --tree TREE "
	      "--out CONFIG --report JSON\n",
	      stderr);
	return 2;
}

static int load_app(const struct options *o, struct app_config *app,
		    struct err *e)
{
	char *text;
	size_t len;
	int rc;

	if (!o->app)
		return app_config_parse(app, "APP_CONFIG", "", 0, e);
	rc = file_load(o->app, APP_MAX_FILE, &text, &len, e);
	if (rc)
		return rc;
	rc = app_config_parse(app, o->app, text, len, e);
	free(text);
	return rc;
}

static int load_oci(const struct options *o, struct oci_config *oci,
		    struct err *e)
{
	char *text;
	size_t len;
	int rc;

	if (!o->oci)
		return RC_OK;
	rc = file_load(o->oci, OCI_MAX_FILE, &text, &len, e);
	if (rc)
		return rc;
	rc = oci_config_parse(oci, o->oci, text, len, e);
	free(text);
	return rc;
}

/* Everything is decided before these files are written. */
static int write_all(const struct options *o, const struct workload *w,
		     struct err *e)
{
	static char config[CONFIG_OUT_MAX];
	char *report;
	size_t len;
	int rc = config_out(w, config, &len, e);

	if (rc)
		return rc;
	rc = report_text(w, &report, e);
	if (rc)
		return rc;
	rc = root_files_write(w, e);
	rc = rc ? rc : file_write(o->out, config, len, 0444, e);
	rc = rc ? rc : file_write(o->report, report, strlen(report), 0644, e);
	free(report);
	return rc;
}

static int compile(const struct options *o, struct workload *w, struct tree *t,
		   struct err *e)
{
	int rc = tree_open(t, o->tree, e);

	rc = rc ? rc : root_files_make_dirs(t, e);
	rc = rc ? rc : workload_resolve(w, e);
	rc = rc ? rc : write_all(o, w, e);
	for (size_t i = 0; !rc && i < w->notices.n; i++)
		fprintf(stderr, "mote-config: notice: %s\n", w->notices.v[i]);
	return rc;
}

static int run(const struct options *o, struct err *e)
{
	static struct workload w; /* large */
	static struct oci_config oci;
	struct app_config *app = app_config_new();
	struct tree t = {.fd = -1};
	int rc;

	if (!app)
		return err_nomem(e);
	rc = load_app(o, app, e);
	rc = rc ? rc : load_oci(o, &oci, e);
	w.app = app;
	w.app_file = o->app;
	w.oci = o->oci ? &oci : NULL;
	w.oci_file = o->oci;
	w.tree = &t;
	rc = rc ? rc : compile(o, &w, &t, e);
	workload_free(&w);
	tree_close(&t);
	oci_config_free(&oci);
	app_config_free(app);
	return rc;
}

static const char **option(struct options *o, int c)
{
	switch (c) {
	case 'i':
		return &o->oci;
	case 'a':
		return &o->app;
	case 't':
		return &o->tree;
	case 'o':
		return &o->out;
	case 'r':
		return &o->report;
	default:
		return NULL;
	}
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{"oci", required_argument, NULL, 'i'},
		{"app-config", required_argument, NULL, 'a'},
		{"tree", required_argument, NULL, 't'},
		{"out", required_argument, NULL, 'o'},
		{"report", required_argument, NULL, 'r'},
		{NULL, 0, NULL, 0},
	};
	struct options o = {0};
	struct err e = {""};
	int c, rc;

	json_in_start();
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("mote-config " MOTE_VERSION) < 0;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		const char **value = option(&o, c);

		if (!value || *value) /* unknown, or given twice */
			return usage();
		*value = optarg;
	}
	if (optind != argc || !o.tree || !o.out || !o.report)
		return usage();
	rc = run(&o, &e);
	if (rc)
		fprintf(stderr, "mote-config: %s\n", e.msg);
	return err_exit_status(rc);
}
