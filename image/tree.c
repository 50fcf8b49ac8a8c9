/* SPDX-License-Identifier: Apache-2.0 */
/* tree.c: access to a root tree that never leaves it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file.h"
#include "tree.h"

/* A path below the descriptor, as openat2() wants it. */
static const char *relative(const char *path)
{
	return path[1] ? path + 1 : ".";
}

static int open_in(const struct tree *t, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, t->fd, relative(path), &how,
			    sizeof(how));
}

/* The path of an open file on this machine. */
static int path_of_fd(int fd, char out[PATH_MAX], struct err *e)
{
	char link[64];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd); /* fits */
	n = readlink(link, out, PATH_MAX);
	if (n < 0)
		return err_sys(e, "%s: cannot read", link);
	if (n == PATH_MAX)
		return err_set(e, RC_IO, "%s: path too long", link);
	out[n] = '\0';
	return RC_OK;
}

int tree_open(struct tree *t, const char *path, struct err *e)
{
	t->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->fd < 0)
		return err_sys(e, "%s: cannot open", path);
	return path_of_fd(t->fd, t->path, e);
}

void tree_close(struct tree *t)
{
	if (t->fd >= 0)
		close(t->fd); /* a directory: nothing can be lost */
	t->fd = -1;
}

int tree_stat(const struct tree *t, const char *path, struct stat *st,
	      bool *exists, struct err *e)
{
	int fd = open_in(t, path, O_PATH), rc = RC_OK;

	*exists = fd >= 0;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return RC_OK;
	if (fd < 0)
		return err_sys(e, "%s: cannot look up in the tree", path);
	if (fstat(fd, st))
		rc = err_sys(e, "%s: cannot stat", path);
	close(fd);
	return rc;
}

int tree_load(const struct tree *t, const char *path, size_t max, char **data,
	      size_t *len, struct err *e)
{
	int fd = open_in(t, path, O_RDONLY | O_NONBLOCK | O_NOCTTY), rc;

	*data = NULL;
	*len = 0;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return RC_OK;
	if (fd < 0)
		return err_sys(e, "%s: cannot open in the tree", path);
	rc = file_load_fd(fd, path, max, data, len, e);
	close(fd);
	return rc;
}

/* Appends what was missing to the resolved path of the part that exists. */
static int join_missing(const struct tree *t, int fd, const char *missing,
			char out[PATH_MAX], struct err *e)
{
	char real[PATH_MAX];
	size_t len = strlen(t->path);
	int rc = path_of_fd(fd, real, e);

	if (rc)
		return rc;
	if (strncmp(real, t->path, len) != 0 ||
	    (real[len] != '/' && real[len] != '\0'))
		return err_set(e, RC_IO, "%s: moved out of the tree", real);
	if (snprintf(out, PATH_MAX, "%s%s", real + len, missing) >= PATH_MAX)
		return err_set(e, RC_LIMIT, "%s: path too long", missing);
	if (out[0] == '\0')
		strcpy(out, "/");
	return RC_OK;
}

/* The first missing name must be free: it could be a dangling symlink. */
static int check_free(int fd, const char *path, const char *missing,
		      struct err *e)
{
	char name[256];
	struct stat st;
	size_t n;

	if (missing[0] == '\0')
		return RC_OK;
	n = strcspn(missing + 1, "/");
	if (n >= sizeof(name))
		return err_set(e, RC_FORMAT, "%s: name too long", path);
	memcpy(name, missing + 1, n);
	name[n] = '\0';
	if (!fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return err_set(e, RC_FORMAT,
			       "%s: %s in it is a symlink to nothing", path,
			       name);
	if (errno == ENOTDIR)
		return err_set(e, RC_FORMAT, "%s: a parent is not a directory",
			       path);
	return RC_OK;
}

int tree_resolve(const struct tree *t, const char *path, char out[PATH_MAX],
		 struct err *e)
{
	char part[PATH_MAX];
	char *cut;
	int fd, rc;

	if (strlen(path) >= sizeof(part))
		return err_set(e, RC_LIMIT, "%s: path too long", path);
	strcpy(part, path);
	while ((fd = open_in(t, part, O_PATH)) < 0) {
		if (errno == ELOOP || errno == ENOTDIR)
			return err_set(e, RC_FORMAT,
				       "%s: a parent is not a directory", path);
		if (errno != ENOENT)
			return err_sys(e, "%s: cannot look up in the tree",
				       part);
		cut = strrchr(part, '/');
		cut[cut == part] = '\0'; /* "/a" becomes "/" */
	}
	/* "/a/b" cut to "/a" leaves "/b", cut to "/" leaves "/a/b". */
	cut = part[1] ? part + strlen(part) : part;
	rc = check_free(fd, path, path + (cut - part), e);
	if (!rc && strcmp(path, "/") != 0)
		rc = join_missing(t, fd, path + (cut - part), out, e);
	else if (!rc)
		strcpy(out, "/");
	close(fd);
	return rc;
}

/* Opens name in dir, making it first if it is missing; no symlinks. */
static int enter(int dir, const char *name, mode_t mode, const char *path,
		 int *out, struct err *e)
{
	bool made = !mkdirat(dir, name, 0755);

	if (!made && errno != EEXIST)
		return err_sys(e, "%s: cannot make directory", path);
	*out = openat(dir, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*out < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_set(e, RC_FORMAT,
			       "%s: is not a directory, but the guest needs "
			       "one there",
			       path);
	if (*out < 0)
		return err_sys(e, "%s: cannot open", path);
	/* Whatever the umask was; the owner for fakeroot's record. */
	if (made && (fchmod(*out, mode) || fchown(*out, 0, 0)))
		return err_sys(e, "%s: cannot set mode and owner", path);
	return RC_OK;
}

int tree_make_dir(const struct tree *t, const char *path, mode_t mode,
		  struct err *e)
{
	char copy[PATH_MAX], *save, *name, *next;
	int fd = dup(t->fd), below, rc = RC_OK;

	if (fd < 0)
		return err_sys(e, "%s: cannot open", t->path);
	strcpy(copy, path); /* resolved paths fit */
	name = strtok_r(copy, "/", &save);
	for (; name && !rc; name = next) {
		next = strtok_r(NULL, "/", &save);
		below = -1;
		rc = enter(fd, name, next ? 0755 : mode, path, &below, e);
		if (below >= 0) {
			close(fd);
			fd = below;
		}
	}
	close(fd);
	return rc;
}

static int count_entries(int fd, const char *path, size_t *n, struct err *e)
{
	struct dirent *d;
	DIR *dir = fdopendir(fd);
	int rc = RC_OK;

	if (!dir) {
		close(fd);
		return err_sys(e, "%s: cannot read", path);
	}
	while (errno = 0, (d = readdir(dir))) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			++*n;
	}
	if (errno)
		rc = err_sys(e, "%s: cannot read", path);
	closedir(dir);
	return rc;
}

int tree_count(const struct tree *t, const char *path, size_t *n, struct err *e)
{
	int fd = open_in(t, path, O_RDONLY | O_DIRECTORY);

	*n = 0;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return RC_OK;
	if (fd < 0)
		return err_sys(e, "%s: cannot open in the tree", path);
	return count_entries(fd, path, n, e);
}

static int put_file(int dir, const char *name, const char *text, struct err *e)
{
	int fd, rc;

	if (unlinkat(dir, name, 0) && errno != ENOENT) {
		if (errno == EISDIR)
			return err_set(e, RC_FORMAT,
				       "/etc/%s: is a directory, but mote "
				       "writes a file there",
				       name);
		return err_sys(e, "/etc/%s: cannot replace", name);
	}
	fd = openat(dir, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "/etc/%s: cannot create", name);
	rc = file_write_fd(fd, name, text, strlen(text), e);
	if (!rc && (fchown(fd, 0, 0) || fchmod(fd, 0644)))
		rc = err_sys(e, "/etc/%s: cannot set mode and owner", name);
	if (close(fd) && !rc)
		rc = err_sys(e, "/etc/%s: cannot write", name);
	return rc;
}

int tree_put_etc(const struct tree *t, const char *name, const char *text,
		 struct err *e)
{
	int dir, rc = enter(t->fd, "etc", 0755, "/etc", &dir, e);

	if (rc)
		return rc;
	rc = put_file(dir, name, text, e);
	close(dir);
	return rc;
}
