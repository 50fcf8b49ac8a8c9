/* SPDX-License-Identifier: Apache-2.0 */
/* snp_cmd.h: one run of mote-measure snp, between its files. */
#ifndef MOTE_SNP_CMD_H
#define MOTE_SNP_CMD_H

#include "cmd.h"
#include "matrix.h"
#include "snp.h"
#include "trace.h"

enum { SNP_CMD_MAX_APPEND = OPT_MAX_LIST };

enum snp_cmd_mode { MODE_SNP, MODE_SEV_ES, MODE_SEV, MODE_FIRMWARE_HASH };

/* The options, as given. */
struct snp_options {
	const char *mode, *firmware, *descriptor, *kernel, *initrd, *svsm,
		*vars_file, *tik, *api, *emit;
	struct opt_list append, append_file;
	struct opt_hex seed, mnonce;
	struct opt_number vars_size, build, policy;
	struct matrix_options matrix;
	bool trace;
};

struct snp_job {
	enum snp_cmd_mode mode;
	const struct snp_options *options;
	struct cmd_common common;
	struct matrix matrix;
	struct sev_launch_measure launch;
	/* What snp_job_load() fills. */
	struct input firmware, kernel, initrd, svsm;
	struct input append[SNP_CMD_MAX_APPEND];
	size_t nr_append; /* at least 1 */
	struct ovmf ovmf;
	struct snp_svsm svsm_info;
	uint64_t firmware_size;
	uint8_t seed[SNP_DIGEST]; /* digest of the firmware pages */
	bool has_seed;
	uint8_t described[32]; /* SHA-256 of the firmware, by a descriptor */
	struct hash *sha384, *sha256;
	struct sev_hashes hashes; /* of kernel and initrd */
	uint8_t tables[SNP_CMD_MAX_APPEND][SEV_HASHES_TABLE];
	/* The result. */
	struct cmd_out out;
	json_t *values;
	struct trace trace;
};

/* Reads all files and says what is remarkable about them. */
int snp_job_load(struct snp_job *job, struct err *e);

/* Computes all values, and hands each to snp_job_emit(). */
int snp_job_values(struct snp_job *job, struct err *e);

/* The same between the head and the tail of the output, in job->out. */
int snp_job_measure(struct snp_job *job, struct err *e);

/* In every case. */
void snp_job_free(struct snp_job *job);

/* Parts of the output. */
int snp_job_head(struct snp_job *job, struct err *e);
int snp_job_emit(void *job, const struct matrix_value *v, struct err *e);
int snp_job_tail(struct snp_job *job, struct err *e);

#endif
