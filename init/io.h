/* SPDX-License-Identifier: Apache-2.0 */
/* io.h: small files without memory allocation. */
#pragma once

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

/* Writes the strings up to a NULL, one behind the other, to out. False with
 * errno ENAMETOOLONG if they do not fit. */
bool join(char *out, size_t size, ...) __attribute__((sentinel));
