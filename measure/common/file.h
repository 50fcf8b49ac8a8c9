/* SPDX-License-Identifier: Apache-2.0 */
/* file.h: bounded reading and atomic writing of whole files. */
#ifndef MOTE_FILE_H
#define MOTE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "err.h"

/*
 * Reads a regular file of at most max bytes. *data is allocated, has a NUL
 * byte after the last byte, and belongs to the caller; *len is its length
 * without that NUL. A missing file is RC_IO, a longer one RC_LIMIT.
 */
int file_load(const char *path, size_t max, char **data, size_t *len,
	      struct err *e);

/* The same for an open descriptor, which stays open; path is for messages. */
int file_load_fd(int fd, const char *path, size_t max, char **data, size_t *len,
		 struct err *e);

/*
 * The same without a copy and without the NUL byte, for large files: *data is
 * a view that file_unmap() ends, NULL for an empty file. A file that becomes
 * shorter meanwhile ends the program with SIGBUS: see file_map_guard().
 */
int file_map(const char *path, size_t max, const void **data, size_t *len,
	     struct err *e);
void file_unmap(const void *data, size_t len);

/* Turns that signal into a line on standard error and exit status 1. */
int file_map_guard(struct err *e);

/*
 * Writes path by a temporary file next to it and rename: it is the old file,
 * or the whole new one. A symlink to a file stays; into a device or pipe the
 * bytes are written as they come.
 */
int file_write(const char *path, const void *data, size_t len, mode_t mode,
	       struct err *e);

/* Writes all bytes to fd; path is for messages. */
int file_write_fd(int fd, const char *path, const void *data, size_t len,
		  struct err *e);

#endif
