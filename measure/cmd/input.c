/* SPDX-License-Identifier: Apache-2.0 */
/* input.c: files that are read whole, each kind with its maximum. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cmd.h"
#include "file.h"
#include "hash.h"

/* The files of this run, so that none is overwritten. */
enum { MAX_USED = 1024 };
static struct used {
	dev_t dev;
	ino_t ino;
} used[MAX_USED];
static size_t nr_used;

void output_protect(const char *path)
{
	struct stat st;

	if (nr_used < MAX_USED && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		used[nr_used++] = (struct used){st.st_dev, st.st_ino};
}

static bool is_used(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	for (size_t i = 0; i < nr_used; i++)
		if (used[i].dev == st.st_dev && used[i].ino == st.st_ino)
			return true;
	return false;
}

/* What a new file gets; an old one keeps its own. */
static mode_t mode_for(const char *path)
{
	struct stat st;
	mode_t mask;

	if (stat(path, &st) == 0)
		return st.st_mode & 07777;
	mask = umask(0);
	(void)umask(mask);
	return 0666 & ~mask;
}

int output_write(const char *path, const void *data, size_t len, struct err *e)
{
	int rc;

	if (is_used(path))
		return err_set(e, RC_FORMAT,
			       "%s: is a file of this run, not overwritten",
			       path);
	rc = file_write(path, data, len, mode_for(path), e);
	if (!rc)
		output_protect(path);
	return rc;
}

static size_t max_of(enum input_kind kind)
{
	const size_t kib = 1024, mib = 1024 * kib;

	switch (kind) {
	case INPUT_FIRMWARE:
		return 64 * mib;
	case INPUT_KERNEL:
		return 256 * mib;
	case INPUT_INITRD:
	case INPUT_IGVM:
		return 1024 * mib;
	case INPUT_TEXT:
		return mib;
	default:
		return 64 * kib;
	}
}

/*
 * Large files are not copied. Others are: then a reader that left its bytes
 * would be seen by the sanitizers.
 */
enum { MAP_FROM = 256 * 1024 };

static bool is_large(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size >= MAP_FROM;
}

int input_load(struct input *in, enum input_kind kind, const char *path,
	       struct err *e)
{
	char *data = NULL;
	int rc;

	*in = (struct input){.path = path};
	if (!path)
		return RC_OK;
	output_protect(path);
	if (is_large(path)) {
		const void *p;

		rc = file_map(path, max_of(kind), &p, &in->len, e);
		in->data = p;
		in->mapped = in->data != NULL;
		return rc;
	}
	rc = file_load(path, max_of(kind), &data, &in->len, e);
	in->data = (uint8_t *)data;
	return rc;
}

void input_free(struct input *in)
{
	if (in->mapped)
		file_unmap(in->data, in->len);
	else
		free((void *)(uintptr_t)in->data);
	*in = (struct input){0};
}

void input_cleanse(struct input *in)
{
	if (in->data && !in->mapped)
		OPENSSL_cleanse((void *)(uintptr_t)in->data, in->len);
}

json_t *input_json(const struct input *in)
{
	uint8_t sum[SHA256_SIZE];
	struct err e = {""};

	if (hash_bytes(SHA256_SIZE, in->data, in->len, sum, &e))
		return NULL;
	return cmd_json_hex(sum, sizeof(sum));
}
