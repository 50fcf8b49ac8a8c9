/* SPDX-License-Identifier: Apache-2.0 */
/* hello.c: the built-in example; says what a workload of mote looks like. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static void print_root_hash(void)
{
	char line[2049] = "";
	const char *hash;
	FILE *f = fopen("/proc/cmdline", "r");

	if (!f)
		return;
	hash = fgets(line, sizeof(line), f) ? strstr(line, " sha256 ") : NULL;
	fclose(f);
	if (hash)
		printf("My root file system is %.64s.\n", hash + 8);
}

int main(void)
{
	struct utsname u;

	if (uname(&u) != 0)
		return 1;
	printf("Hello from a measured guest: %s %s on %s.\n", u.sysname,
	       u.release, u.machine);
	printf("I am process %d, user %d.\n", (int)getpid(), (int)getuid());
	print_root_hash();
	printf("When I return, init powers the guest off with my exit code.\n");
	return 0;
}
