/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: process 1 of the guest; the one place that shows the boot order. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "cmdline.h"
#include "conf.h"
#include "guard.h"
#include "log.h"
#include "mounts.h"
#include "net.h"
#include "supervise.h"
#include "sysctl.h"

#ifdef MOTE_DEBUG
#define FLAVOR "debug"
#else
#define FLAVOR "release"
#endif

/* Arguments and environment come from the command line: they are ignored. */
static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL))
		die("block", "signals");
	/* Ctrl-Alt-Del becomes a signal, which is passed on like others. */
	if (reboot(RB_DISABLE_CAD))
		die("reboot", "RB_DISABLE_CAD");
}

/* Without a console (console= names one that does not exist) the kernel leaves
 * 0, 1 and 2 closed, and the next file to be opened would become one of them.
 */
static void open_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			die("open", "/dev/null");
	} while (fd <= STDERR_FILENO);
	if (close(fd))
		die("close", "/dev/null");
}

static void print_banner(void)
{
	log_msg("init " MOTE_VERSION " " FLAVOR, NULL);
#ifdef MOTE_DEBUG
	log_msg("DEBUG IMAGE: serial console on, kernel messages visible to "
		"the host; never give it secrets",
		NULL);
#endif
}

/* Keys are drawn from the first instruction of the workload on. */
static void check_random(void)
{
	char byte;

	if (getrandom(&byte, 1, GRND_NONBLOCK) != 1)
		die("random", "not seeded by the processor");
}

static void apply_sysctls(const struct conf *c)
{
	sysctl_table();
	for (size_t i = 0; i < c->nr_sysctls; i++)
		sysctl_set(c->sysctls[i][0], c->sysctls[i][1]);
}

int main(void)
{
	const struct conf *c;
	int code;

	block_signals();
	mount_standard();
	open_standard_files();
	log_open();
	print_banner();
	cmdline_read();
	guard_root();
	cmdline_check();
	check_random();
	c = conf_load();
	apply_sysctls(c);
	net_up(c);
	mount_seal();
	for (size_t i = 0; i < c->nr_tmpfs; i++)
		mount_writable(&c->tmpfs[i]);
	code = supervise(c);
	log_msg("poweroff code ", dec((uint64_t)code), NULL);
	power_off();
}
