/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_cmdline.c: the command line from libFuzzer. */
#include "fuzz.h"
#include "cmdline.h"

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
	(void)fuzz(check, data, n);
	return 0;
}
