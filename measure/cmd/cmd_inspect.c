/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_inspect.c: what a file is, and what it can be measured for. */
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "descriptor.h"
#include "inspect.h"
#include "kernel.h"

static const char help[] =
	"usage: mote-measure inspect [--for GUEST] FILE\n"
	"       mote-measure inspect --descriptor FIRMWARE\n\n"
	"FILE is firmware, a kernel, an IGVM file, a firmware descriptor or an "
	"image\nfolder: it is recognised by its content.\n\n"
	"  --descriptor   print what SNP needs to know of the firmware, for\n"
	"                 mote-measure snp --firmware-descriptor\n"
	"  --for GUEST    exit 3, with the reason, unless firmware can be "
	"measured\n"
	"                 for it: snp, snp-kernel, sev-kernel, tdx\n"
	"  --json, --quiet, --output FILE, --help\n";

static bool begins_with(const struct input *in, const char *s)
{
	size_t len = strlen(s);

	return in->len >= len && memcmp(in->data, s, len) == 0;
}

static bool begins_as_json(const struct input *in)
{
	size_t i = 0;

	while (i < in->len && strchr(" \t\r\n", in->data[i]) && in->data[i])
		i++;
	return i < in->len && in->data[i] == '{';
}

static int inspect_igvm(const struct input *in, struct report *r, struct err *e)
{
	report_begin(r, "igvm");
	report_file(r, in);
	report_string(r, "note", "mote-measure igvm measures this file");
	return report_end(r, e);
}

static int inspect_descriptor(const struct input *in, struct report *r,
			      struct err *e)
{
	struct firmware_descriptor d;
	int rc = descriptor_parse((const char *)in->data, in->len, in->path, &d,
				  e);
	json_t *j;

	if (rc)
		return rc;
	report_begin(r, "descriptor");
	j = descriptor_json(&d);
	if (!j || json_object_update(r->j, j))
		r->failed = true;
	json_decref(j);
	return report_end(r, e);
}

/* The table at the end of firmware tells more than the first bytes do. */
static int inspect_file(const struct input *in, struct report *r, struct err *e)
{
	if (in->len == 0)
		return err_set(e, RC_FORMAT, "%s: the file is empty", in->path);
	if (begins_with(in, "IGVM"))
		return inspect_igvm(in, r, e);
	if (inspect_is_firmware(in))
		return inspect_firmware(in, r, e);
	if (kernel_kind(in->data, in->len) != KERNEL_OTHER)
		return inspect_kernel(in, r, e);
	if (begins_as_json(in))
		return inspect_descriptor(in, r, e);
	if (inspect_has_variables(in))
		return err_set(e, RC_UNSUPPORTED,
			       "%s: UEFI variables alone: they are measured in "
			       "one file with the code, or not at all",
			       in->path);
	return err_set(e, RC_FORMAT,
		       "%s: neither firmware with a GUIDed table, kernel, "
		       "IGVM file, firmware descriptor nor image folder",
		       in->path);
}

static int inspect(const char *path, struct report *r, struct err *e)
{
	struct input in;
	struct stat st;
	int rc;

	*r = (struct report){0};
	if (stat(path, &st))
		return err_sys(e, "%s: cannot stat", path);
	if (S_ISDIR(st.st_mode))
		return inspect_image(path, r, e);
	/* The largest kind: what it is stands in the file. */
	rc = input_load(&in, INPUT_IGVM, path, e);
	rc = rc ? rc : inspect_file(&in, r, e);
	input_free(&in);
	return rc;
}

/* Writes j, which it takes over, as the format of c says. */
static int print(const struct cmd_common *c, json_t *j)
{
	struct cmd_out out;
	struct err e = {""};
	int rc = cmd_out_begin(&out, &e);

	if (rc) {
		json_decref(j);
		return cmd_fail(rc, &e);
	}
	if (c->json) {
		rc = cmd_out_json(&out, j, &e);
	} else {
		if (c->quiet)
			fprintf(out.f, "%s\n",
				json_string_value(json_object_get(j, "kind")));
		else
			report_text(out.f, j);
		json_decref(j);
	}
	if (rc) {
		cmd_out_drop(&out);
		return cmd_fail(rc, &e);
	}
	return cmd_out_end(&out, c);
}

static int run_descriptor(const char *path, struct cmd_common *c)
{
	struct firmware_descriptor d;
	struct err e = {""}, why = {""};
	struct input in;
	json_t *j;
	int rc = input_load(&in, INPUT_FIRMWARE, path, &e);

	if (!rc) {
		rc = descriptor_of(in.data, in.len, &d, &why);
		if (rc)
			(void)inspect_refuse(rc, path, &why, &e);
	}
	input_free(&in);
	if (rc)
		return cmd_fail(rc, &e);
	j = descriptor_json(&d);
	if (!j)
		return cmd_fail(err_nomem(&e), &e);
	c->json = true; /* it is the only format */
	return print(c, j);
}

/* What --for may ask, and the key that answers it. */
static const char *const purposes[][2] = {
	{"snp", "snp"},
	{"snp-kernel", "snp_kernel_hashes"},
	{"sev-kernel", "sev_kernel_hashes"},
	{"tdx", "tdx"},
};

static const char *purpose_key(const char *name)
{
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (strcmp(name, purposes[i][0]) == 0)
			return purposes[i][1];
	return NULL;
}

/* RC_UNSUPPORTED, with the reason, unless the firmware is for that. */
static int check_purpose(const char *path, const char *purpose,
			 const json_t *report, struct err *e)
{
	const char *key = purpose_key(purpose), *reason;
	const json_t *answer = json_object_get(report, key);
	char name[64];

	if (!answer)
		return err_set(e, RC_UNSUPPORTED, "%s: is no firmware", path);
	if (json_is_true(answer))
		return RC_OK;
	(void)snprintf(name, sizeof(name), "%s_reason", key); /* it fits */
	reason = json_string_value(json_object_get(report, name));
	return err_set(e, RC_UNSUPPORTED, "%s: cannot be measured for %s: %s",
		       path, purpose, reason ? reason : "no reason");
}

static int run(const struct cmd *self, int argc, char **argv)
{
	struct cmd_common c = {0};
	bool descriptor = false;
	const char *purpose = NULL;
	const struct opt table[] = {
		{"descriptor", OPT_FLAG, &descriptor, 0},
		{"for", OPT_STRING, &purpose, 0},
		{NULL, OPT_FLAG, NULL, 0},
	};
	const char *path = NULL;
	struct report r;
	struct err e = {""};
	size_t n;
	int rc = opt_parse(self, table, argc, argv, &c, &path, 1, &n);

	if (rc != OPT_DONE)
		return rc;
	if (n == 0)
		return cmd_usage(self, "FILE is missing");
	if (purpose && !purpose_key(purpose))
		return cmd_usage(self,
				 "--for: '%s' is none of snp, snp-kernel, "
				 "sev-kernel, tdx",
				 purpose);
	if (descriptor && purpose)
		return cmd_usage(self,
				 "--descriptor and --for exclude each other");
	if (descriptor && c.quiet)
		return cmd_usage(self,
				 "--descriptor and --quiet exclude each other");
	if (descriptor)
		return run_descriptor(path, &c);
	rc = inspect(path, &r, &e);
	if (!rc && purpose)
		rc = check_purpose(path, purpose, r.j, &e);
	if (rc)
		rc = cmd_fail(rc, &e);
	else
		rc = print(&c, json_incref(r.j));
	report_free(&r);
	return rc;
}

const struct cmd cmd_inspect = {
	"inspect", "what a file is, and what it can be measured for", help,
	run};
