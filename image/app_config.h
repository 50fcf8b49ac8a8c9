/* SPDX-License-Identifier: Apache-2.0 */
/* app_config.h: APP_CONFIG, what the builder says about the workload. */
#ifndef MOTE_APP_CONFIG_H
#define MOTE_APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "strv.h"

/* Limits of the compiled configuration, which the init program shares. */
enum {
	APP_MAX_FILE = 1024 * 1024,
	APP_MAX_SERVICES = 16, /* the workload is one of them */
	APP_MAX_STRINGS = 1024,
	APP_MAX_SYSCTLS = 32,
	APP_MAX_WRITABLE = 64,
	APP_MAX_RLIMITS = 16,
	APP_MAX_HOSTS = 64,
	APP_MAX_HOST_NAMES = 16,
	APP_MAX_NAMESERVERS = 3,
	APP_MAX_PORTS = 256,
	APP_NR_DIRECTIVES = 32, /* at least as many as there are */
};
#define APP_MAX_MS 3600000U

struct app_port {
	uint16_t port;
	bool udp; /* otherwise tcp */
};

/* One family of the address of eth0; bytes in network order. */
struct app_net {
	unsigned int line, gateway_line; /* 0: not set */
	uint8_t addr[16], gateway[16];
	unsigned int prefix;
};

struct app_writable {
	unsigned int line;
	char *path;
	uint64_t bytes;
	bool has_mode;
	mode_t mode;
	char *owner; /* USER[:GROUP], or NULL */
};

struct app_rlimit {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard;
};

enum app_restart { APP_NEVER, APP_ON_FAILURE, APP_ALWAYS };

/* Strings are NULL and lists empty where the file says nothing. */
struct app_service {
	char name[33];
	unsigned int line, arg_line, user_line, workdir_line;
	struct strv args;
	struct strv env; /* NAME=VALUE */
	char *user;	 /* USER[:GROUP] */
	char *workdir;
	char *ready;
	uint32_t ready_ms;
	struct app_rlimit rlimits[APP_MAX_RLIMITS];
	size_t nr_rlimits;
	enum app_restart restart;
	uint32_t restart_delay_ms, restart_tries;
	bool drop_all;
	uint64_t caps_drop, caps_add;
	unsigned int seen[APP_NR_DIRECTIVES]; /* line of each directive */
};

struct app_config {
	char hostname[64];
	bool output;
	uint32_t grace_ms;
	struct strv sysctls; /* name below /proc/sys and value, in turn */
	bool network_none;
	unsigned int network_line;
	struct app_net v4, v6;
	struct strv nameservers;
	struct strv hosts; /* lines of /etc/hosts */
	struct app_port ports[APP_MAX_PORTS];
	size_t nr_ports;
	struct app_writable writable[APP_MAX_WRITABLE];
	size_t nr_writable;
	/* The first one is the workload, "app"; the others in file order. */
	struct app_service services[APP_MAX_SERVICES];
	size_t nr_services;
	unsigned int seen[APP_NR_DIRECTIVES];
};

/* The configuration of an empty file. */
struct app_config *app_config_new(void);
void app_config_free(struct app_config *c);

/*
 * Parses a whole file into c, which comes from app_config_new(). file is its
 * name for messages, which read "FILE:LINE: reason". text may hold any bytes.
 */
int app_config_parse(struct app_config *c, const char *file, const char *text,
		     size_t len, struct err *e);

#endif
