/* SPDX-License-Identifier: Apache-2.0 */
/* id_block.h: what the two files of mote-measure snp id-block share. */
#ifndef MOTE_CMD_ID_BLOCK_H
#define MOTE_CMD_ID_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd.h"
#include "idblock.h"

/* What is made or was read. */
struct id_block_result {
	bool checked;	/* read from files, signatures verified */
	bool has_block; /* else fields and block are zeros */
	struct idb_block fields;
	uint8_t block[IDB_BLOCK_SIZE];
	struct idb_auth auth;
	uint8_t auth_bytes[IDB_AUTH_SIZE];
};

/* Writes it to o as text, JSON or hex, as c wants it. */
int id_block_print(struct cmd_out *o, const struct cmd_common *c,
		   const struct id_block_result *r, struct err *e);

#endif
