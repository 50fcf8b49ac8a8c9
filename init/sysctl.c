/* SPDX-License-Identifier: Apache-2.0 */
/* sysctl.c: kernel settings, each read back after it is written. */
#include <string.h>

#include "io.h"
#include "log.h"
#include "sysctl.h"

static const char *const table[][2] = {
	/* Addresses and messages of the kernel. */
	{"kernel/kptr_restrict", "2"},
	{"kernel/dmesg_restrict", "1"},
	{"kernel/randomize_va_space", "2"},
	/* Nobody traces another process. */
	{"kernel/yama/ptrace_scope", "3"},
	/* Links and files in shared directories. */
	{"fs/protected_symlinks", "1"},
	{"fs/protected_hardlinks", "1"},
	{"fs/protected_fifos", "2"},
	{"fs/protected_regular", "2"},
	{"fs/suid_dumpable", "0"},
	/* The network is the host: no routes, addresses or redirects from it.
	 * net.c repeats the rows of IPv6 for its card, which exists already. */
	{"net/ipv4/conf/all/accept_redirects", "0"},
	{"net/ipv4/conf/default/accept_redirects", "0"},
	{"net/ipv4/conf/all/accept_source_route", "0"},
	{"net/ipv4/conf/default/rp_filter", "1"},
	{"net/ipv6/conf/default/accept_ra", "0"},
	{"net/ipv6/conf/default/accept_redirects", "0"},
	{"net/ipv6/conf/default/autoconf", "0"},
};

/* The kernel answers with tabs between numbers and a newline at the end. */
static void normalize(char *s)
{
	for (; *s && *s != '\n'; s++)
		if (*s == '\t')
			*s = ' ';
	*s = '\0';
}

void sysctl_set(const char *name, const char *value)
{
	char path[160], now[256];

	if (!join(path, sizeof(path), "/proc/sys/", name, NULL) ||
	    !write_file(path, value) || read_file(path, now, sizeof(now)) < 0)
		die("sysctl", name);
	normalize(now);
	if (strcmp(now, value) != 0)
		die_msg(path, "another value than written was read back");
}

void sysctl_table(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		sysctl_set(table[i][0], table[i][1]);
}
