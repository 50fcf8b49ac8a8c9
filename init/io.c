/* SPDX-License-Identifier: Apache-2.0 */
/* io.c: small files and directories without memory allocation. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"

ssize_t read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -1;
	while (n > 0 && len < size) {
		n = read(fd, buf + len, size - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (close(fd) < 0 || n < 0)
		return -1;
	if (len == size) {
		errno = EFBIG;
		return -1;
	}
	buf[len] = '\0';
	return (ssize_t)len;
}

bool write_file(const char *path, const char *s)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	size_t len = strlen(s);
	ssize_t n;
	int saved;

	if (fd < 0)
		return false;
	n = write(fd, s, len);
	saved = n < 0 ? errno : EIO;
	if (close(fd) == 0 && n == (ssize_t)len)
		return true;
	errno = saved;
	return false;
}

bool path_join(char *out, size_t size, const char *dir, const char *name,
	       const char *suffix)
{
	const char *part[] = {dir, "/", name, suffix};
	size_t pos = 0;

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		size_t len = strlen(part[i]);

		if (len >= size - pos) {
			errno = ENAMETOOLONG;
			return false;
		}
		memcpy(out + pos, part[i], len);
		pos += len;
	}
	out[pos] = '\0';
	return true;
}

bool dir_open(struct dir *d, const char *path)
{
	d->len = d->pos = 0;
	d->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return d->fd >= 0;
}

/*
 * struct linux_dirent64 (getdents64(2)): ino 8 bytes, offset 8, record length
 * 2, type 1, NUL-terminated name. Written by the kernel, so trusted.
 */
enum { RECLEN_OFFSET = 16, NAME_OFFSET = 19 };

const char *dir_next(struct dir *d)
{
	for (;;) {
		const char *name;
		uint16_t reclen;

		if (d->pos >= d->len) {
			long n = syscall(SYS_getdents64, d->fd, d->buf,
					 sizeof(d->buf));

			if (n <= 0)
				return NULL;
			d->len = (size_t)n;
			d->pos = 0;
		}
		name = d->buf + d->pos + NAME_OFFSET;
		memcpy(&reclen, d->buf + d->pos + RECLEN_OFFSET, 2);
		d->pos += reclen;
		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			return name;
	}
}

void dir_close(struct dir *d)
{
	(void)close(d->fd); /* best effort: read-only */
}
