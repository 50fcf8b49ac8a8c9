/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_conf.c: /.mote/config from libFuzzer; what passes has a workload. */
#include "fuzz.h"
/* The file itself: a load begins with empty variables. */
#include "../../init/conf.c"

static void load(void *arg)
{
	(void)arg;
	(void)conf_load();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	memset(&conf, 0, sizeof(conf));
	if (fuzz(load, data, n) == RETURNED &&
	    (conf.nr_services == 0 || conf.services[0].argv[0][0] != '/'))
		abort();
	return 0;
}
