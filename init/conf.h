/* SPDX-License-Identifier: Apache-2.0 */
/* conf.h: the measured configuration, /.mote/config. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The file is written by mote-config when the image is built and lies inside
 * the verified root. It is a sequence of strings, each ended by a NUL byte:
 * "mote-config-1", then records, then "end". A record is a key and a fixed
 * number of values; mote-image(5) lists them. Nothing needs quoting, and init
 * needs no parser. Every pointer below points into the loaded file.
 */
#define CONF_PATH "/.mote/config"
#define CONF_MAX (128 * 1024)

enum {
	CONF_MAX_SERVICES = 16,
	CONF_MAX_TMPFS = 64,
	CONF_MAX_SYSCTLS = 32,
	CONF_MAX_GROUPS = 64,
	CONF_MAX_STRINGS = 1024, /* arguments and environment of a service */
	CONF_MAX_RLIMITS = 16,
};

struct conf_tmpfs {
	const char *path, *size, *mode, *uid, *gid;
};

struct conf_rlimit {
	uint64_t resource, soft, hard;
};

enum { RESTART_NEVER, RESTART_ON_FAILURE, RESTART_ALWAYS };

struct conf_service {
	const char *name;
	const char *argv[CONF_MAX_STRINGS + 1]; /* ends with NULL */
	const char *envp[CONF_MAX_STRINGS + 1]; /* ends with NULL */
	size_t nr_args, nr_envs;
	uint64_t uid, gid;
	uint64_t groups[CONF_MAX_GROUPS];
	size_t nr_groups;
	const char *cwd; /* NULL: "/" */
	uint64_t caps;	 /* bit n: capability n */
	struct conf_rlimit rlimits[CONF_MAX_RLIMITS];
	size_t nr_rlimits;
	uint64_t restart, delay_ms; /* delay_ms doubles after each restart */
	uint64_t tries;		    /* restarts allowed; 0: any number */
	const char *ready;	    /* path, or NULL: ready when started */
	uint64_t ready_ms;
};

struct conf_net {
	const char *addr, *prefix; /* hex digits, decimal; NULL if not set */
	const char *gateway;	   /* hex digits; NULL if not set */
};

struct conf {
	const char *hostname;
	uint64_t output;   /* 1: output of services goes to the log */
	uint64_t grace_ms; /* from TERM to KILL */
	struct conf_net v4, v6;
	const char *sysctls[CONF_MAX_SYSCTLS][2];
	size_t nr_sysctls;
	struct conf_tmpfs tmpfs[CONF_MAX_TMPFS];
	size_t nr_tmpfs;
	struct conf_service services[CONF_MAX_SERVICES];
	size_t nr_services; /* at least 1; the last one is the workload */
};

/* Loads and checks CONF_PATH; dies unless it is exactly as specified. */
const struct conf *conf_load(void);

/*
 * Reads digits of a radix up to 16, lower case, no sign, no blanks, into *out.
 * False if there is anything else or the value exceeds max.
 */
bool conf_number(const char *s, unsigned int radix, uint64_t max,
		 uint64_t *out);

/* Reads exactly n bytes from 2 * n lower-case hex digits. */
bool conf_hex(const char *s, uint8_t *out, size_t n);
