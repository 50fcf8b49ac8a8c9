/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_conf.c: /.mote/config from libFuzzer; only power-off may refuse it. */
#include <errno.h>
#include <stdlib.h>

#define FUZZ
#include "../unit/test_init.h"
/* The file itself: a load begins with empty variables. */
#include "../../init/conf.c"

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

static void load(void *arg)
{
	(void)arg;
	(void)conf_load();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum end end;

	input = data;
	input_len = n;
	memset(&conf, 0, sizeof(conf));
	end = ends(load, NULL);
	if (end != RETURNED && end != POWERED_OFF)
		abort();
	if ((end == POWERED_OFF) != (strstr(message(), "fatal: ") != NULL))
		abort();
	if (end == RETURNED &&
	    (conf.nr_services == 0 || conf.services[0].argv[0][0] != '/'))
		abort();
	return 0;
}
