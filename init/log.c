/* SPDX-License-Identifier: Apache-2.0 */
/* log.c: init's log, the workload's output, and the one way to fail. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "log.h"

#define PORT_NAME "mote.log\n"
#define DRIVER "/sys/bus/virtio/drivers/virtio_console/virtio"
/* Port P of virtio device N is /dev/vportNpP; 0 is a console. */
enum { MAX_DEVICE = 32, MAX_PORT = 8, PORT_WAIT_MS = 1000 };

static int port_fd = -1;
static bool port_stalled;
static bool torn;		/* the last piece was lost */
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

/* False if not everything was taken. */
static bool port_write(const char *buf, size_t n)
{
	struct pollfd pfd = {.fd = port_fd, .events = POLLOUT};

	while (port_fd >= 0 && n > 0) {
		ssize_t w;

		if (poll(&pfd, 1, port_stalled ? 0 : PORT_WAIT_MS) != 1 ||
		    !(pfd.revents & POLLOUT)) {
			port_stalled = true;
			return false;
		}
		port_stalled = false;
		w = write(port_fd, buf, n);
		if (w < 0)
			return false;
		buf += w;
		n -= (size_t)w;
	}
	return true;
}

/* Writes whole pieces. What follows a lost one begins a new line. */
static void put(const char *buf, size_t n)
{
	/* best effort: the console may be the null console. */
	(void)!write(STDERR_FILENO, buf, n);
	/* best effort: the log is the host's to lose. */
	torn = torn && !port_write("\n", 1);
	torn = torn || !port_write(buf, n);
	line_open = !torn && buf[n - 1] != '\n';
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

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail */
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
	port_stalled = false; /* init's own lines are few: wait for each */
	start_line(NULL);
	put(l.text, l.len);
}

void log_output(const char *name, const char *buf, size_t n)
{
	struct line l;

	start_line(name);
	while (n > 0) {
		l.len = 0;
		if (!line_open) {
			add(&l, name);
			add(&l, "| ");
		}
		do
			l.text[l.len++] = *buf;
		while (--n > 0 && *buf++ != '\n' && l.len < sizeof(l.text));
		put(l.text, l.len);
	}
}

static int open_port(uint64_t device, uint64_t port)
{
	char path[64], name[16];

	if (!join(path, sizeof(path), "/sys/class/virtio-ports/vport",
		  dec(device), "p", dec(port), "/name", NULL) ||
	    read_file(path, name, sizeof(name)) < 0 ||
	    strcmp(name, PORT_NAME) != 0 ||
	    !join(path, sizeof(path), "/dev/vport", dec(device), "p", dec(port),
		  NULL))
		return -1;
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static bool is_console(uint64_t device)
{
	char path[80];

	return join(path, sizeof(path), DRIVER, dec(device), NULL) &&
	       access(path, F_OK) == 0;
}

/* The host adds and names its ports when it likes: a second is waited if there
 * is a console device. best effort: a guest without one has no log. */
void log_open(void)
{
	const struct timespec pause = {0, PORT_WAIT_MS * 1000000 / 200};
	bool device = true;

	for (int turn = 0; turn < 200 && device && port_fd < 0; turn++) {
		device = false;
		for (uint64_t n = 0; n < MAX_DEVICE && port_fd < 0; n++) {
			device = device || is_console(n);
			for (uint64_t p = 1; p < MAX_PORT && port_fd < 0; p++)
				port_fd = open_port(n, p);
		}
		if (device && port_fd < 0)
			(void)nanosleep(&pause, NULL); /* best effort */
	}
}

_Noreturn void power_off(void)
{
	/* best effort: whoever is left must not run on while devices stall. */
	if (getpid() == 1)
		(void)kill(-1, SIGKILL); /* best effort */
	(void)reboot(RB_POWER_OFF); /* best effort: the next line is the last */
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
