/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: process 1 of the guest; the one place that shows the boot order. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cmdline.h"
#include "conf.h"
#include "guard.h"
#include "log.h"
#include "mounts.h"
#include "net.h"
#include "supervise.h"
#include "sysctl.h"

/* Arguments and environment come from the command line: they are ignored. */
static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL))
		die("block", "signals");
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
	} while (fd < STDERR_FILENO);
	/* Kept as standard input: a workload may replace the name. */
	if (dup2(fd, STDIN_FILENO) < 0)
		die("connect", "/dev/null");
	if (fd > STDERR_FILENO)
		(void)close(fd); /* cannot fail: a device */
}

static void print_banner(void)
{
	log_msg("init " MOTE_VERSION " " MOTE_FLAVOR, NULL);
	if (strcmp(MOTE_FLAVOR, "debug") == 0)
		log_msg("DEBUG IMAGE: serial console on, kernel messages "
			"visible to the host; never give it secrets",
			NULL);
}

/* Keys are drawn from the first instruction of the workload on. */
static void check_random(void)
{
	char byte;

	if (getrandom(&byte, 1, GRND_NONBLOCK) != 1)
		die("random", "not seeded by the processor");
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
	sysctl_table();
	for (size_t i = 0; i < c->nr_sysctls; i++)
		sysctl_set(c->sysctls[i][0], c->sysctls[i][1]);
	net_up(c);
	mount_seal();
	for (size_t i = 0; i < c->nr_tmpfs; i++)
		mount_writable(&c->tmpfs[i]);
	code = supervise(c);
	sync();
	log_msg("poweroff code ", dec((uint64_t)code), NULL);
	power_off();
}
