/* SPDX-License-Identifier: Apache-2.0 */
/* log.c: init's log, the workload's output, and the one way to fail. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "log.h"

#define PORT_DIR "/sys/class/virtio-ports"
#define PORT_NAME "mote.log\n"
#define PORT_WAIT_MS 1000

static int port_fd = -1;
static bool port_stalled;
static const char *last_source; /* whose output the last byte was */
static bool line_open;		/* the last byte was not a newline */

const char *dec(uint64_t v)
{
	static char ring[8][21];
	static unsigned int turn;
	char *p = ring[turn++ % 8] + 20;

	*p = '\0';
	do {
		*--p = (char)('0' + v % 10);
	} while (v /= 10);
	return p;
}

static void port_write(const char *buf, size_t n)
{
	struct pollfd pfd = {.fd = port_fd, .events = POLLOUT};

	while (port_fd >= 0 && n > 0) {
		ssize_t w;

		if (poll(&pfd, 1, port_stalled ? 0 : PORT_WAIT_MS) != 1 ||
		    !(pfd.revents & POLLOUT)) {
			port_stalled = true;
			return;
		}
		port_stalled = false;
		w = write(port_fd, buf, n);
		if (w < 0)
			return; /* best effort: the log is the host's to lose */
		buf += w;
		n -= (size_t)w;
	}
}

static void put(const char *buf, size_t n)
{
	/* best effort: the console may be the null console. */
	(void)!write(STDERR_FILENO, buf, n);
	port_write(buf, n);
	if (n > 0)
		line_open = buf[n - 1] != '\n';
}

static void start_line(const char *source)
{
	if (line_open && last_source != source)
		put("\n", 1);
	last_source = source;
}

struct line {
	char text[512];
	size_t len;
};

static void add(struct line *l, const char *s)
{
	for (; *s && l->len < sizeof(l->text) - 1; s++)
		l->text[l->len++] = *s >= ' ' && *s <= '~' ? *s : '?';
}

static void add_stamp(struct line *l)
{
	struct timespec ts = {0};
	const char *us;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	us = dec((uint64_t)ts.tv_nsec / 1000 + 1000000);
	add(l, "mote ");
	add(l, dec((uint64_t)ts.tv_sec));
	add(l, ".");
	add(l, us + 1);
	add(l, ": ");
}

void log_msg(const char *s, ...)
{
	struct line l = {.len = 0};
	va_list ap;

	add_stamp(&l);
	va_start(ap, s);
	for (; s; s = va_arg(ap, const char *))
		add(&l, s);
	va_end(ap);
	l.text[l.len++] = '\n';
	start_line(NULL);
	put(l.text, l.len);
}

void log_output(const char *name, const char *buf, size_t n)
{
	start_line(name);
	while (n > 0) {
		const char *nl = memchr(buf, '\n', n);
		size_t len = nl ? (size_t)(nl - buf) + 1 : n;

		if (!line_open) {
			put(name, strlen(name));
			put("| ", 2);
		}
		put(buf, len);
		buf += len;
		n -= len;
	}
}

void log_open(void)
{
	DIR_BUF(dir);
	const char *entry;

	if (!dir_open(&dir, PORT_DIR))
		return; /* best effort: a guest without a port has no log */
	while (port_fd < 0 && (entry = dir_next(&dir))) {
		char path[128], name[16];

		if (!path_join(path, sizeof(path), PORT_DIR, entry, "/name"))
			continue;
		if (read_file(path, name, sizeof(name)) < 0 ||
		    strcmp(name, PORT_NAME) != 0)
			continue;
		if (path_join(path, sizeof(path), "/dev", entry, ""))
			port_fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC |
						     O_NOFOLLOW | O_NOCTTY);
	}
	dir_close(&dir);
}

_Noreturn void power_off(void)
{
	sync();
	(void)reboot(RB_POWER_OFF);
	_exit(1);
}

_Noreturn void die(const char *what, const char *object)
{
	const char *reason = strerror(errno);

	log_msg("fatal: ", what, " ", object, ": ", reason, NULL);
	power_off();
}

_Noreturn void die_msg(const char *what, const char *reason)
{
	log_msg("fatal: ", what, ": ", reason, NULL);
	power_off();
}
