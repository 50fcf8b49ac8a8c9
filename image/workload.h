/* SPDX-License-Identifier: Apache-2.0 */
/* workload.h: APP_CONFIG and image configuration, resolved in the tree. */
#ifndef MOTE_WORKLOAD_H
#define MOTE_WORKLOAD_H

#include "app_config.h"
#include "oci_config.h"
#include "tree.h"
#include "users.h"

enum { WORKLOAD_MAX_TMPFS = 64 };
#define WORKLOAD_VOLUME_BYTES (128ULL << 20)

struct workload_tmpfs {
	char path[PATH_MAX]; /* no symlink in it */
	uint64_t bytes;
	mode_t mode;
	uint32_t uid, gid;
	bool standard; /* the guest mounts one there anyway */
	char from[64]; /* "line 3" or "volume of the image" */
};

struct workload_service {
	const struct app_service *app; /* what needs no resolving */
	struct strv args, env;	       /* argv[0] is an absolute path */
	struct users_ids ids;
	char *cwd;
	uint64_t caps;
	struct app_rlimit rlimits[APP_MAX_RLIMITS];
	size_t nr_rlimits;
};

struct workload {
	const struct app_config *app;
	const struct oci_config *oci; /* NULL for a directory or tar */
	const char *app_file;	      /* names for messages */
	const char *oci_file;
	const struct tree *tree;
	struct users users;
	struct workload_tmpfs tmpfs[WORKLOAD_MAX_TMPFS];
	size_t nr_tmpfs; /* sorted by path */
	/* As they are started: the workload last. */
	struct workload_service services[APP_MAX_SERVICES];
	size_t nr_services;
	struct app_port ports[2 * APP_MAX_PORTS];
	size_t nr_ports;
	struct app_net v4, v6; /* line 0: not configured */
	struct strv nameservers;
	struct strv notices;
};

/*
 * Fills w, whose first members up to tree are set and the rest zero. The tree
 * is only read. workload_free() is needed in every case.
 */
int workload_resolve(struct workload *w, struct err *e);
void workload_free(struct workload *w);

/* Parts of it: volumes.c, programs.c. */

/* VOLUMEs of the image and "writable" lines, as tmpfs. */
int workload_add_tmpfs(struct workload *w, struct err *e);

/*
 * The file system that will cover path in the guest, such as "/tmp", or NULL
 * if the file of the image stays visible. path has no symlinks. below: a path
 * equal to a mount point does not count.
 */
const char *workload_covered(const struct workload *w, const char *path,
			     bool below);

/* Resolves argv[0] to the absolute path of an executable file. */
int workload_find_program(struct workload *w, struct workload_service *s,
			  const char *where, struct err *e);

#endif
