/* SPDX-License-Identifier: Apache-2.0 */
/* out.c: results, messages, and the exit status that goes with them. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "file.h"
#include "hex.h"

/* One write, so that lines of several programs do not mix. */
static void __attribute__((format(printf, 2, 0)))
say(const char *prefix, const char *fmt, va_list ap)
{
	struct err text = {""}, line = {""};

	(void)vsnprintf(text.msg, sizeof(text.msg), fmt, ap);
	err_set(&line, RC_OK, "%s%s", prefix, text.msg);
	fprintf(stderr, "%s\n", line.msg);
}

int cmd_usage(const struct cmd *self, const char *fmt, ...)
{
	char prefix[64];
	va_list ap;

	(void)snprintf(prefix, sizeof(prefix), "mote-measure %s: ", self->name);
	va_start(ap, fmt);
	say(prefix, fmt, ap);
	va_end(ap);
	fprintf(stderr, "Try: mote-measure %s --help\n", self->name);
	return 2;
}

int cmd_fail(int rc, const struct err *e)
{
	fprintf(stderr, "mote-measure: %s\n", e->msg);
	return err_exit_status(rc);
}

void cmd_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("mote-measure: warning: ", fmt, ap);
	va_end(ap);
}

int cmd_out_begin(struct cmd_out *o, struct err *e)
{
	*o = (struct cmd_out){0};
	o->f = open_memstream(&o->text, &o->len);
	return o->f ? RC_OK : err_nomem(e);
}

void cmd_out_drop(struct cmd_out *o)
{
	if (o->f)
		fclose(o->f); /* of memory: nothing can be lost */
	free(o->text);
	*o = (struct cmd_out){0};
}

int cmd_out_end(struct cmd_out *o, const struct cmd_common *c)
{
	struct err e = {""};
	int bad = ferror(o->f), rc;

	if (fclose(o->f) || bad)
		rc = err_nomem(&e);
	else if (c->output)
		rc = output_write(c->output, o->text, o->len, &e);
	else
		rc = file_write_fd(STDOUT_FILENO, "standard output", o->text,
				   o->len, &e);
	o->f = NULL;
	cmd_out_drop(o);
	return rc ? cmd_fail(rc, &e) : 0;
}

int cmd_out_json(struct cmd_out *o, json_t *j, struct err *e)
{
	int bad = !j || json_dumpf(j, o->f, JSON_INDENT(2)) ||
		  fputc('\n', o->f) == EOF;

	json_decref(j);
	return bad ? err_nomem(e) : RC_OK;
}

json_t *cmd_json_hex(const uint8_t *p, size_t n)
{
	char *text = malloc(2 * n + 1);
	json_t *j;

	if (!text)
		return NULL;
	hex_format(p, n, text);
	j = json_string(text);
	free(text);
	return j;
}

json_t *cmd_json_text(const char *text)
{
	json_t *j = json_string(text);
	char *copy = j ? NULL : strdup(text);

	if (!copy)
		return j;
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	j = json_string(copy);
	free(copy);
	return j;
}

json_t *cmd_json_number(uint64_t v)
{
	return json_sprintf("0x%" PRIx64, v);
}
