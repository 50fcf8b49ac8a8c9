/* SPDX-License-Identifier: Apache-2.0 */
/* file.c: bounded reading and atomic writing of whole files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
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

static int size_of(int fd, const char *path, size_t max, size_t *size,
		   struct err *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_sys(e, "%s: cannot stat", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, RC_FORMAT, "%s: not a regular file", path);
	if (st.st_size < 0 || (uintmax_t)st.st_size > max)
		return err_set(e, RC_LIMIT, "%s: larger than %zu bytes", path,
			       max);
	*size = (size_t)st.st_size;
	return RC_OK;
}

int file_load_fd(int fd, const char *path, size_t max, char **data, size_t *len,
		 struct err *e)
{
	size_t size;
	char *buf;
	int rc = size_of(fd, path, max, &size, e);

	if (rc)
		return rc;
	buf = malloc(size + 1);
	if (!buf)
		return err_nomem(e);
	/* The byte for the NUL shows a file that grows meanwhile. */
	rc = read_all(fd, path, buf, size + 1, len, e);
	if (!rc && *len > size)
		rc = err_set(e, RC_IO, "%s: became longer while it was read",
			     path);
	if (rc) {
		free(buf);
		return rc;
	}
	buf[*len] = '\0';
	*data = buf;
	return RC_OK;
}

/* O_NONBLOCK: a FIFO must be refused, not waited for. */
static int open_file(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		(void)err_sys(e, "%s: cannot open", path);
	return fd;
}

int file_load(const char *path, size_t max, char **data, size_t *len,
	      struct err *e)
{
	int fd = open_file(path, e), rc;

	if (fd < 0)
		return RC_IO;
	rc = file_load_fd(fd, path, max, data, len, e);
	close(fd); /* only read from: nothing can be lost */
	return rc;
}

int file_map(const char *path, size_t max, const void **data, size_t *len,
	     struct err *e)
{
	int fd = open_file(path, e), rc;
	void *p;

	*data = NULL;
	if (fd < 0)
		return RC_IO;
	rc = size_of(fd, path, max, len, e);
	if (!rc && *len > 0) {
		p = mmap(NULL, *len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd,
			 0);
		if (p == MAP_FAILED)
			rc = err_sys(e, "%s: cannot map", path);
		else
			*data = p;
	}
	close(fd); /* only read from: nothing can be lost */
	return rc;
}

void file_unmap(const void *data, size_t len)
{
	if (data)
		(void)munmap((void *)(uintptr_t)data, len); /* cannot fail */
}

static _Noreturn void on_bus(int signal)
{
	static const char text[] = "mote-measure: a file became shorter while "
				   "it was read, or cannot be read\n";

	(void)signal;
	/* best effort: the exit status says it too */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(1);
}

int file_map_guard(struct err *e)
{
	const struct sigaction sa = {.sa_handler = on_bus};

	if (sigaction(SIGBUS, &sa, NULL))
		return err_sys(e, "sigaction");
	return RC_OK;
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

/* A device or pipe: there is nothing to replace. */
static int write_through(const char *path, const void *data, size_t len,
			 struct err *e)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY), rc;

	if (fd < 0)
		return err_sys(e, "%s: cannot open for writing", path);
	rc = file_write_fd(fd, path, data, len, e);
	if (close(fd) && !rc)
		rc = err_sys(e, "%s: cannot write", path);
	return rc;
}

/* path is a regular file, or absent: what else may be there goes. */
static int replace(const char *path, const void *data, size_t len, mode_t mode,
		   struct err *e)
{
	char tmp[PATH_MAX];
	int fd, rc;

	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= (int)sizeof(tmp))
		return err_set(e, RC_IO, "%s: path too long", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "%s: cannot create", path);
	rc = file_write_fd(fd, path, data, len, e);
	if (!rc && fchmod(fd, mode))
		rc = err_sys(e, "%s: cannot set mode", path);
	if (close(fd) && !rc)
		rc = err_sys(e, "%s: cannot write", path);
	if (!rc && rename(tmp, path))
		rc = err_sys(e, "%s: cannot replace", path);
	if (rc)
		(void)unlink(tmp); /* already failing; nothing more to do */
	return rc;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode,
	       struct err *e)
{
	struct stat st;
	char *target;
	int rc;

	if (stat(path, &st))
		return replace(path, data, len, mode, e);
	if (!S_ISREG(st.st_mode))
		return write_through(path, data, len, e);
	target = realpath(path, NULL); /* a symlink stays */
	if (!target)
		return err_sys(e, "%s: cannot resolve", path);
	rc = replace(target, data, len, mode, e);
	free(target);
	return rc;
}
