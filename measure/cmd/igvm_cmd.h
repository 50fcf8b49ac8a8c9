/* SPDX-License-Identifier: Apache-2.0 */
/* igvm_cmd.h: one run of mote-measure igvm, between its files. */
#ifndef MOTE_IGVM_CMD_H
#define MOTE_IGVM_CMD_H

#include "cmd.h"
#include "igvm.h"
#include "matrix.h"
#include "trace.h"

struct igvm_job {
	struct cmd_common common;
	const char *platform_name, *order_name; /* as given, or NULL */
	struct matrix_options options;
	bool trace_wanted;
	struct matrix matrix; /* what is wanted */
	bool has_cpu;
	enum igvm_order order;
	struct input file;
	struct igvm igvm;
	const struct igvm_platform *platform;
	struct hash *sha384;
	/* The result. */
	struct cmd_out out;
	json_t *values;
	struct trace trace;
	bool unconfirmed;
};

/* What is printed before the digests. */
int igvm_job_head(struct igvm_job *job, struct err *e);

/* One digest; vcpus is 0 for TDX, contexts of them have a VP_CONTEXT. */
int igvm_job_value(struct igvm_job *job, size_t vcpus, size_t contexts,
		   const uint8_t digest[SNP_DIGEST], struct err *e);

int igvm_job_tail(struct igvm_job *job, struct err *e);

#endif
