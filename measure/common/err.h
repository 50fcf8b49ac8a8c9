/* SPDX-License-Identifier: Apache-2.0 */
/* err.h: return codes and the one-line message of the host tools. */
#ifndef MOTE_ERR_H
#define MOTE_ERR_H

/*
 * Functions that can fail return RC_OK or one of the others and fill the
 * struct err given last. The first error wins; nobody below main() prints.
 */
enum {
	RC_OK = 0,
	RC_IO = -1,	/* the environment failed: file, memory, child */
	RC_FORMAT = -2, /* the input is malformed or says what is refused */
	RC_LIMIT = -3,	/* the input exceeds a stated limit */
	RC_UNSUPPORTED = -4, /* the input asks for what mote cannot do */
	RC_MISMATCH = -5,    /* two accounts of the same thing disagree */
};

struct err {
	char msg[1024]; /* no newline, no control bytes */
};

/* Formats the message and returns rc. Control bytes are shown as '?'. */
int err_set(struct err *e, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set with RC_IO; the reason of errno is added to the message. */
int err_sys(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* RC_IO, "out of memory". */
int err_nomem(struct err *e);

/* Exit status for a return code: 0, 1 environment, 3 rejected, 4 mismatch. */
int err_exit_status(int rc);

#endif
