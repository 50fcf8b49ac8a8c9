/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_cmdline.c: the command line from libFuzzer: what passes is harmless. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ
#include "../unit/test_init.h"
#include "cmdline.h"

static const uint8_t *input;
static size_t input_len;

ssize_t __wrap_read_file(const char *path, char *buf, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

ssize_t __wrap_read_file(const char *path, char *buf, size_t size)
{
	(void)path;
	if (input_len > size - 1) {
		errno = EFBIG;
		return -1;
	}
	memcpy(buf, input, input_len);
	buf[input_len] = '\0';
	return (ssize_t)input_len;
}

static void check(void *arg)
{
	(void)arg;
	cmdline_read();
	(void)cmdline_value("dm-mod.create");
	(void)cmdline_value("");
	cmdline_check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum end end;

	input = data;
	input_len = n;
	end = ends(check, NULL);
	if (end != RETURNED && end != POWERED_OFF)
		abort();
	if ((end == POWERED_OFF) != (strstr(message(), "fatal: ") != NULL))
		abort();
	return 0;
}
