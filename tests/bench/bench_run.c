/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_run.c: wall time and peak memory of whole commands, run in turn.
 *
 * Reads commands from standard input, one a line, words separated by tabs.
 * Runs all of them once, then all again, and so on, so that a machine that
 * becomes slower or faster does so for each of them. Prints a line for each:
 * the peak memory in KiB, then the wall time of each run in microseconds.
 */
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { MAX_COMMANDS = 32, MAX_WORDS = 64, MAX_RUNS = 1001, MAX_LINE = 65536 };

struct command {
	char *words[MAX_WORDS + 1];
	int64_t us[MAX_RUNS];
	long kib;
};

static struct command commands[MAX_COMMANDS];
static size_t nr_commands;
static int runs;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t))
		die("clock_gettime");
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void split(char *line, struct command *c)
{
	size_t n = 0;
	char *rest;

	line[strcspn(line, "\n")] = '\0';
	for (char *w = strtok_r(line, "\t", &rest); w;
	     w = strtok_r(NULL, "\t", &rest)) {
		if (n == MAX_WORDS) {
			fprintf(stderr, "bench_run: more than %d words\n",
				MAX_WORDS);
			exit(2);
		}
		c->words[n] = strdup(w);
		if (!c->words[n++])
			die("strdup");
	}
}

static void read_commands(void)
{
	static char line[MAX_LINE];

	while (fgets(line, sizeof(line), stdin)) {
		if (nr_commands == MAX_COMMANDS) {
			fprintf(stderr, "bench_run: more than %d commands\n",
				MAX_COMMANDS);
			exit(2);
		}
		split(line, &commands[nr_commands]);
		if (commands[nr_commands].words[0])
			nr_commands++;
	}
}

static void run(struct command *c, int n,
		const posix_spawn_file_actions_t *files)
{
	extern char **environ;
	struct rusage usage;
	int64_t start = now_us();
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, c->words[0], files, NULL, c->words, environ))
		die(c->words[0]);
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	c->us[n] = now_us() - start;
	if (status) {
		fprintf(stderr, "bench_run: %s: status 0x%x\n", c->words[0],
			(unsigned int)status);
		exit(1);
	}
	if (usage.ru_maxrss > c->kib)
		c->kib = usage.ru_maxrss;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t files;

	runs = argc == 2 ? atoi(argv[1]) : 0;
	if (runs < 1 || runs > MAX_RUNS) {
		fprintf(stderr, "usage: bench_run RUNS < COMMANDS\n");
		return 2;
	}
	read_commands();
	if (posix_spawn_file_actions_init(&files) ||
	    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", 1, 0))
		die("posix_spawn");
	/* Once before, so that all files are in memory. */
	for (size_t i = 0; i < nr_commands; i++)
		run(&commands[i], 0, &files);
	for (int n = 0; n < runs; n++)
		for (size_t i = 0; i < nr_commands; i++)
			run(&commands[i], n, &files);
	for (size_t i = 0; i < nr_commands; i++) {
		printf("%ld", commands[i].kib);
		for (int n = 0; n < runs; n++)
			printf(" %lld", (long long)commands[i].us[n]);
		putchar('\n');
	}
	return fflush(stdout) != 0;
}
