/* SPDX-License-Identifier: Apache-2.0 */
/* file.c: bounded reading and atomic writing of whole files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static int read_all(int fd, const char *path, char *buf, size_t max,
		    size_t *len, struct err *e)
{
	size_t done = 0;

	while (done < max) {
		ssize_t n = read(fd, buf + done, max - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "%s: cannot read", path);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*len = done;
	return RC_OK;
}

int file_load_fd(int fd, const char *path, size_t max, char **data, size_t *len,
		 struct err *e)
{
	struct stat st;
	char *buf;
	int rc;

	if (fstat(fd, &st))
		return err_sys(e, "%s: cannot stat", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, RC_FORMAT, "%s: not a regular file", path);
	if (st.st_size < 0 || (uintmax_t)st.st_size > max)
		return err_set(e, RC_LIMIT, "%s: larger than %zu bytes", path,
			       max);
	buf = malloc((size_t)st.st_size + 1);
	if (!buf)
		return err_nomem(e);
	rc = read_all(fd, path, buf, (size_t)st.st_size, len, e);
	if (rc) {
		free(buf);
		return rc;
	}
	buf[*len] = '\0';
	*data = buf;
	return RC_OK;
}

int file_load(const char *path, size_t max, char **data, size_t *len,
	      struct err *e)
{
	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc;

	if (fd < 0)
		return err_sys(e, "%s: cannot open", path);
	rc = file_load_fd(fd, path, max, data, len, e);
	close(fd); /* only read from: nothing can be lost */
	return rc;
}

int file_write_fd(int fd, const char *path, const void *data, size_t len,
		  struct err *e)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "%s: cannot write", path);
		p += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode,
	       struct err *e)
{
	char tmp[PATH_MAX];
	int fd, rc;

	if (snprintf(tmp, sizeof(tmp), "%s.tmp", path) >= (int)sizeof(tmp))
		return err_set(e, RC_IO, "%s: path too long", path);
	if (unlink(tmp) && errno != ENOENT)
		return err_sys(e, "%s: cannot remove", tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "%s: cannot create", tmp);
	rc = file_write_fd(fd, path, data, len, e);
	if (!rc && fchmod(fd, mode))
		rc = err_sys(e, "%s: cannot set mode", tmp);
	if (close(fd) && !rc)
		rc = err_sys(e, "%s: cannot write", tmp);
	if (!rc && rename(tmp, path))
		rc = err_sys(e, "%s: cannot rename to %s", tmp, path);
	if (rc)
		(void)unlink(tmp); /* already failing; nothing more to do */
	return rc;
}
