/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_sum.c: the sums of a file that may be larger than memory. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inspect.h"

enum { BLOCK = 1 << 16 };

static int hash_fd(int fd, const char *path, struct sums *s,
		   struct hash *sha256, struct hash *sha384, struct err *e)
{
	uint8_t block[BLOCK];
	ssize_t n;
	int rc;

	hash_begin(sha256);
	hash_begin(sha384);
	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "%s: cannot read", path);
		hash_update(sha256, block, (size_t)n);
		hash_update(sha384, block, (size_t)n);
		s->size += (uint64_t)n;
	}
	hash_final(sha256, s->sha256);
	hash_final(sha384, s->sha384);
	rc = hash_check(sha256, e);
	return rc ? rc : hash_check(sha384, e);
}

int inspect_sum(const char *path, struct sums *s, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct hash *sha256 = NULL, *sha384 = NULL;
	struct stat st;
	int rc = RC_IO;

	*s = (struct sums){0};
	if (fd < 0)
		return err_sys(e, "%s: cannot open", path);
	if (fstat(fd, &st))
		rc = err_sys(e, "%s: cannot stat", path);
	else if (!S_ISREG(st.st_mode))
		rc = err_set(e, RC_FORMAT, "%s: not a regular file", path);
	else if ((sha256 = hash_new(SHA256_SIZE, e)) &&
		 (sha384 = hash_new(SHA384_SIZE, e)))
		rc = hash_fd(fd, path, s, sha256, sha384, e);
	hash_free(sha256);
	hash_free(sha384);
	close(fd); /* only read from: nothing can be lost */
	return rc;
}
