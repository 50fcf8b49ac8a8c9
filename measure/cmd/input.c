/* SPDX-License-Identifier: Apache-2.0 */
/* input.c: files that are read whole, each kind with its maximum. */
#include <stdlib.h>
#include <sys/stat.h>

#include "cmd.h"
#include "file.h"
#include "hash.h"

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

json_t *input_json(const struct input *in)
{
	uint8_t sum[SHA256_SIZE];
	struct err e;

	if (hash_bytes(SHA256_SIZE, in->data, in->len, sum, &e))
		return NULL;
	return cmd_json_hex(sum, sizeof(sum));
}
