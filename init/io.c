/* SPDX-License-Identifier: Apache-2.0 */
/* io.c: small files without memory allocation. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
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
	(void)close(fd); /* cannot fail: only read */
	if (n < 0)
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
	(void)close(fd); /* cannot fail: the kernel's files take it in write */
	errno = saved;
	return n == (ssize_t)len;
}

bool join(char *out, size_t size, ...)
{
	const char *part;
	size_t n = 0;
	va_list ap;

	va_start(ap, size);
	while (n < size && (part = va_arg(ap, const char *)))
		for (out[n] = '\0'; n < size && (out[n] = *part); part++)
			n++;
	va_end(ap);
	errno = n < size ? errno : ENAMETOOLONG;
	return n < size;
}
