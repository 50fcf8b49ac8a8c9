/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.h: a parser of init that reads its file from libFuzzer. */
#ifndef MOTE_FUZZ_H
#define MOTE_FUZZ_H

#include <errno.h>
#include <stdlib.h>

#define FUZZ
#include "../unit/test_init.h"

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

/* Runs step on the input; the only other end than its return is a power-off
 * with its reason in the log. */
static enum end fuzz(void (*step)(void *arg), const uint8_t *data, size_t n)
{
	enum end end;

	input = data;
	input_len = n;
	end = ends(step, NULL);
	if (end != RETURNED && end != POWERED_OFF)
		abort();
	if ((end == POWERED_OFF) != (strstr(message(), "fatal: ") != NULL))
		abort();
	return end;
}
#endif
