/* SPDX-License-Identifier: Apache-2.0 */
/* err.c: return codes and the one-line message of the host tools. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"

/* A message may quote hostile names; they must not drive a terminal. */
static void clean(char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f)
			*s = '?';
	}
}

int err_set(struct err *e, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap); /* may be cut off */
	va_end(ap);
	clean(e->msg);
	return rc;
}

int err_sys(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap); /* may be cut off */
	va_end(ap);
	len = strlen(e->msg);
	(void)snprintf(e->msg + len, sizeof(e->msg) - len, ": %s",
		       strerror(saved)); /* may be cut off */
	clean(e->msg);
	return RC_IO;
}

int err_nomem(struct err *e)
{
	return err_set(e, RC_IO, "out of memory");
}

int err_exit_status(int rc)
{
	switch (rc) {
	case RC_OK:
		return 0;
	case RC_IO:
		return 1;
	case RC_MISMATCH:
		return 4;
	default:
		return 3;
	}
}
