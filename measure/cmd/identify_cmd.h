/* SPDX-License-Identifier: Apache-2.0 */
/* identify_cmd.h: one run of mote-measure identify, between its files. */
#ifndef MOTE_IDENTIFY_CMD_H
#define MOTE_IDENTIFY_CMD_H

#include "cmd.h"
#include "identify.h"

enum { IDENTIFY_MAX_FILES = 256 }; /* in a folder */

/* The options, as given. */
struct identify_options {
	const char *digest, *mode, *firmware, *folder, *kernel, *initrd,
		*append, *append_file, *cpu, *vmm;
	struct opt_number vcpus, sig, features;
};

struct identify_job {
	struct cmd_common common;
	struct identify_options o;
	struct identify_expected x;
	uint8_t digest[SNP_DIGEST];
	/* What identify_job_load() fills. */
	struct identify *q;
	json_t *firmware, *kernel, *initrd; /* only for --json */
	char *skipped[IDENTIFY_MAX_FILES];  /* why one is no firmware */
	size_t nr_skipped;
	/* The result. */
	struct identify_result r;
	char text[IDENTIFY_TEXT]; /* in the making */
};

/* "snp", "sev-es", "sev" */
extern const char *const identify_modes[IDENTIFY_NR_MODES];
size_t identify_job_digest_size(const struct identify_job *job);

/* Reads all files. */
int identify_job_load(struct identify_job *job, struct err *e);

/* In every case. */
void identify_job_free(struct identify_job *job);

/* Writes the result, unless it is nothing and --quiet was given. */
int identify_job_print(struct identify_job *job, struct cmd_out *out,
		       struct err *e);

#endif
