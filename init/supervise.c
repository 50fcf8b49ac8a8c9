/* SPDX-License-Identifier: Apache-2.0 */
/* supervise.c: run the services until the workload ends. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "ready.h"
#include "spawn.h"
#include "supervise.h"

enum {
	BACKOFF_MAX_MS = 10000,
	STEADY_MS = 10000, /* a run this long resets the back-off */
	KILL_WAIT_MS = 5000,
	NOT_READY_CODE = 125,
	READS_PER_TURN = 4, /* so that no service keeps the loop busy */
	READS_AT_EXIT = 32, /* more than a pipe holds */
};
#define NEVER UINT64_MAX

struct service {
	const struct conf_service *conf;
	pid_t pid;  /* 0 when no process runs */
	int output; /* read end of its pipe, or -1 */
	bool ready;
	uint64_t runs; /* times in ms of CLOCK_MONOTONIC */
	uint64_t started;
	uint64_t ready_by;   /* NEVER once it is ready */
	uint64_t restart_at; /* NEVER unless a restart is due */
	uint64_t delay_ms;
};

static const struct conf *conf;
static struct service services[CONF_MAX_SERVICES];
static size_t nr_services, nr_started;
static int signal_fd, ready_fd;
static bool stopping; /* nothing is started any more */
static bool told_all; /* every process was asked to end */
static uint64_t kill_at = NEVER;
static uint64_t give_up_at = NEVER;
static int guest_code = -1; /* known once the guest has to end */

static uint64_t now_ms(void)
{
	struct timespec ts = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail */
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static struct service *workload(void)
{
	return &services[nr_services - 1];
}

static void close_output(struct service *s)
{
	if (s->output >= 0)
		(void)close(s->output); /* cannot fail: a pipe */
	s->output = -1;
}

/* Copies at most "reads" pieces from the pipe to the log. */
static void drain(struct service *s, int reads)
{
	static char buf[4096];

	while (s->output >= 0 && reads-- > 0) {
		ssize_t n = read(s->output, buf, sizeof(buf));

		if (n > 0)
			log_output(s->conf->name, buf, (size_t)n);
		else if (n == 0)
			close_output(s);
		else
			return; /* EAGAIN: empty for now */
	}
}

static void start(struct service *s)
{
	close_output(s);
	s->pid = spawn(s->conf, conf->output == 1, &s->output);
	s->started = now_ms();
	s->restart_at = NEVER;
	s->runs++;
	if (!s->conf->ready)
		s->ready = true;
	else if (s->runs == 1)
		s->ready_by = s->started + s->conf->ready_ms;
	log_msg("start ", s->conf->name, " run ", dec(s->runs), " pid ",
		dec((uint64_t)s->pid), " uid ", dec(s->conf->uid), NULL);
}

/* The guest ends with this code: every process has the grace time to end. */
static void stop(int code)
{
	if (guest_code < 0)
		guest_code = code;
	stopping = true;
	if (told_all)
		return;
	told_all = true;
	kill_at = now_ms() + conf->grace_ms;
	/* ESRCH: nobody is left. */
	if (kill(-1, SIGTERM) && errno != ESRCH)
		die("kill", "TERM");
}

/* To its process group, or to itself before its setsid(). */
static void signal_workload(int sig)
{
	pid_t pid = workload()->pid;

	/* ESRCH: it has ended and is not reaped yet. */
	if (kill(-pid, sig) && kill(pid, sig) && errno != ESRCH)
		die("kill", workload()->conf->name);
}

/* SIGTERM to init: the workload first, the others when it has ended. */
static void stop_workload(void)
{
	log_msg("stop", NULL);
	if (workload()->pid == 0) {
		stop(128 + SIGTERM);
		return;
	}
	stopping = true;
	kill_at = now_ms() + conf->grace_ms;
	signal_workload(SIGTERM);
}

static bool may_restart(const struct service *s, int code)
{
	const struct conf_service *c = s->conf;

	if (stopping || c->restart == RESTART_NEVER)
		return false;
	if (c->restart == RESTART_ON_FAILURE && code == 0)
		return false;
	return c->tries == 0 || s->runs <= c->tries;
}

static void schedule_restart(struct service *s)
{
	uint64_t now = now_ms();

	if (s->runs == 1 || now - s->started >= STEADY_MS)
		s->delay_ms = s->conf->delay_ms ? s->conf->delay_ms : 1;
	else if (s->delay_ms < BACKOFF_MAX_MS / 2)
		s->delay_ms *= 2;
	else if (s->delay_ms < BACKOFF_MAX_MS)
		s->delay_ms = BACKOFF_MAX_MS;
	s->restart_at = now + s->delay_ms;
	log_msg("restart ", s->conf->name, " in ", dec(s->delay_ms), " ms",
		NULL);
}

static int log_exit(const struct service *s, int status)
{
	uint64_t sig = (uint64_t)WTERMSIG(status);
	uint64_t code = sig ? 128 + sig : (uint64_t)WEXITSTATUS(status);

	log_msg("exit ", s->conf->name, sig ? " signal " : "",
		sig ? dec(sig) : "", " code ", dec(code), NULL);
	return (int)code;
}

static void on_exit_of(struct service *s, int status)
{
	int code;

	s->pid = 0;
	drain(s, READS_AT_EXIT);
	code = log_exit(s, status);
	if (may_restart(s, code)) {
		/* What it left behind would hold its ports and locks. */
		spawn_kill_group(s->conf);
		schedule_restart(s);
	} else if (s == workload() || code != 0) {
		stop(code);
	}
}

static void enforce_deadlines(void)
{
	uint64_t now = now_ms();

	if (now < kill_at)
		return;
	log_msg("kill", NULL);
	kill_at = NEVER;
	give_up_at = now + KILL_WAIT_MS;
	/* ESRCH: nobody is left. */
	if (kill(-1, SIGKILL) && errno != ESRCH)
		die("kill", "KILL");
}

/* Reaps every dead process. False when there are no children at all. */
static bool reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < nr_services; i++)
			if (services[i].pid == pid)
				on_exit_of(&services[i], status);
		/* Orphans may come as fast as they are reaped. */
		enforce_deadlines();
	}
	if (pid < 0 && errno != ECHILD)
		die("waitpid", "children");
	return pid == 0;
}

static void on_signals(void)
{
	struct signalfd_siginfo si;

	while (read(signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGTERM && !stopping)
			stop_workload();
		else if (si.ssi_signo != SIGCHLD && si.ssi_signo != SIGTERM &&
			 workload()->pid > 0)
			signal_workload((int)si.ssi_signo);
	}
}

static void check_ready(struct service *s, uint64_t now)
{
	bool ended = s->pid == 0 && s->restart_at == NEVER;

	if (s->ready)
		return;
	if (ready_check(s->conf->ready)) {
		s->ready = true;
		log_msg("ready ", s->conf->name, NULL);
	} else if (ended || now >= s->ready_by) {
		log_msg("not ready ", s->conf->name, NULL);
		stop(NOT_READY_CODE);
	}
}

/* Starts what is due: restarts, and the next services in order. */
static void advance(void)
{
	uint64_t now = now_ms();

	for (size_t i = 0; i < nr_started && !stopping; i++)
		if (services[i].restart_at <= now)
			start(&services[i]);
	while (!stopping && nr_started < nr_services) {
		if (nr_started > 0) {
			check_ready(&services[nr_started - 1], now);
			if (!services[nr_started - 1].ready)
				return;
		}
		start(&services[nr_started++]);
	}
}

#define earliest(a, b) ((a) < (b) ? (a) : (b))

static int timeout_ms(void)
{
	uint64_t t = earliest(kill_at, give_up_at), now = now_ms();

	for (size_t i = 0; i < nr_started && !stopping; i++) {
		t = earliest(t, services[i].restart_at);
		if (!services[i].ready)
			t = earliest(t, services[i].ready_by);
	}
	if (t == NEVER)
		return -1;
	return t <= now ? 0 : (int)earliest(t - now, INT_MAX);
}

static void wait_for_events(void)
{
	struct pollfd pfd[2 + CONF_MAX_SERVICES] = {
		{.fd = signal_fd, .events = POLLIN},
		{.fd = -1, .events = POLLIN},
	};

	if (!stopping && nr_started < nr_services)
		pfd[1].fd = ready_fd; /* advance() will read it */

	for (size_t i = 0; i < nr_services; i++) {
		pfd[2 + i].fd = services[i].output;
		pfd[2 + i].events = POLLIN;
	}
	if (poll(pfd, 2 + nr_services, timeout_ms()) < 0 && errno != EINTR)
		die("poll", "events");
	for (size_t i = 0; i < nr_services; i++)
		if (pfd[2 + i].revents)
			drain(&services[i], READS_PER_TURN);
}

static void set_up(const struct conf *c)
{
	sigset_t all;

	conf = c;
	nr_services = c->nr_services;
	for (size_t i = 0; i < nr_services; i++)
		services[i] = (struct service){&c->services[i], .output = -1,
					       .ready_by = NEVER,
					       .restart_at = NEVER};
	sigfillset(&all);
	signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		die("signalfd", "all");
	ready_fd = ready_open();
}

int supervise(const struct conf *c)
{
	set_up(c);
	for (;;) {
		advance();
		wait_for_events();
		on_signals();
		bool children = reap();
		enforce_deadlines();
		if (now_ms() >= give_up_at || (guest_code >= 0 && !children))
			break;
	}
	for (size_t i = 0; i < nr_services; i++)
		drain(&services[i], READS_AT_EXIT);
	/* Even KILL did not end the workload: it waits for a device. */
	return guest_code < 0 ? 128 + SIGKILL : guest_code;
}
