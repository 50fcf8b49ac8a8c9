/* SPDX-License-Identifier: Apache-2.0 */
/* io.h: small files and directories without memory allocation. */
#ifndef MOTE_IO_H
#define MOTE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Reads the whole file at path into buf and ends it with a NUL byte.
 * Returns the number of bytes before that NUL, or -1 with errno set; EFBIG if
 * the file does not fit into size - 1 bytes. Symbolic links at the last
 * component are not followed.
 */
ssize_t read_file(const char *path, char *buf, size_t size);

/* Writes s to an existing file with one write(2). False with errno set. */
bool write_file(const char *path, const char *s);

/* Writes "DIR/NAME" and suffix to out. False if size is too small. */
bool path_join(char *out, size_t size, const char *dir, const char *name,
	       const char *suffix);

/* One open directory; entries are read with getdents64(2). */
struct dir {
	int fd;
	size_t len, pos;
	char buf[1024] __attribute__((aligned(8)));
};
#define DIR_BUF(name) struct dir name = {.fd = -1}

bool dir_open(struct dir *d, const char *path);
/* Next name except "." and "..", or NULL; valid until the next call. */
const char *dir_next(struct dir *d);
void dir_close(struct dir *d);

#endif
