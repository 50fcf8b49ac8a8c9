/* SPDX-License-Identifier: Apache-2.0 */
/* cmd.h: what the sub-commands of mote-measure share. */
#ifndef MOTE_CMD_H
#define MOTE_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>

#include "err.h"

/*
 * A sub-command. run() gets the words behind the name in argv[1..], prints its
 * result by cmd_out_*, its failures by cmd_fail(), and returns the exit
 * status: 0 ok, 1 environment, 2 usage, 3 input rejected, 4 mismatch.
 */
struct cmd {
	const char *name;    /* "snp id-block" */
	const char *summary; /* one line for mote-measure --help */
	const char *help;    /* whole text of --help, ends in a newline */
	int (*run)(const struct cmd *self, int argc, char **argv);
};

extern const struct cmd cmd_snp, cmd_snp_extend, cmd_snp_id_block, cmd_igvm,
	cmd_verify_snp, cmd_identify, cmd_inspect, cmd_image;

/*
 * Options of the sub-commands. Each may be given once, unless it is a list.
 * What target points to stands behind the kind.
 */
enum opt_kind {
	OPT_FLAG,   /* bool: set to true */
	OPT_STRING, /* const char *: the text, borrowed from argv */
	OPT_LIST,   /* struct opt_list: any number of times */
	OPT_NUMBER, /* struct opt_number, at most max; decimal or 0x... */
	OPT_HEX,    /* struct opt_hex: exactly max bytes */
	OPT_SIZE, /* struct opt_number with K, M or G behind it, at most max */
};

enum { OPT_MAX_LIST = 256, OPT_MAX_HEX = 64 };

struct opt_list {
	const char *v[OPT_MAX_LIST];
	size_t n;
};

struct opt_number {
	bool set;
	uint64_t v;
};

struct opt_hex {
	bool set;
	uint8_t b[OPT_MAX_HEX];
};

struct opt {
	const char *name; /* without "--"; NULL ends the table */
	enum opt_kind kind;
	void *target;
	uint64_t max; /* see enum opt_kind */
};

/* --json, --quiet and --output FILE, which every sub-command has. */
struct cmd_common {
	bool json, quiet;
	const char *output; /* NULL: standard output */
	const char *name;   /* of the sub-command */
};

/* What opt_parse() says when there is nothing more to do. */
enum { OPT_DONE = -1 };

/*
 * Parses argv by the table and the common options. Words that are no options
 * go to operands; more than max_operands are a fault. Returns OPT_DONE to go
 * on, or the exit status: 0 after --help, 2 after a fault, which it printed.
 */
int opt_parse(const struct cmd *self, const struct opt *table, int argc,
	      char **argv, struct cmd_common *c, const char **operands,
	      size_t max_operands, size_t *nr_operands);

/* A number, decimal or 0x...; false if it is none or above max. */
bool opt_number(const char *text, uint64_t max, uint64_t *out);

/* "mote-measure NAME: reason" and a pointer to --help; returns 2. */
int cmd_usage(const struct cmd *self, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "mote-measure: reason" for a failure; returns its exit status. */
int cmd_fail(int rc, const struct err *e);

/* "mote-measure: warning: ..." on standard error. */
void cmd_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * The result, built in memory: write to out.f, then cmd_out_end(), which
 * writes it to standard output or atomically to --output, and returns the exit
 * status. Nothing is written if cmd_out_drop() is called instead.
 */
struct cmd_out {
	FILE *f;
	char *text;
	size_t len;
};
int cmd_out_begin(struct cmd_out *o, struct err *e);
int cmd_out_end(struct cmd_out *o, const struct cmd_common *c);
void cmd_out_drop(struct cmd_out *o);

/*
 * Writes j to out.f, keys in the order of insertion, indented, with a line
 * feed at the end; takes over j, which may be NULL (out of memory: RC_IO).
 */
int cmd_out_json(struct cmd_out *o, json_t *j, struct err *e);

/* A JSON string of the bytes in hex; NULL if out of memory. */
json_t *cmd_json_hex(const uint8_t *p, size_t n);

/* A JSON string of a name; bytes that are no UTF-8 become '?'. */
json_t *cmd_json_text(const char *text);

/* A JSON string "0x..." of a number. */
json_t *cmd_json_number(uint64_t v);

/* A whole file. */
struct input {
	const char *path; /* NULL: not given, len 0 */
	const uint8_t *data;
	size_t len;
	bool mapped; /* otherwise allocated */
};

/* Kinds of files, each with a maximum. */
enum input_kind {
	INPUT_FIRMWARE, /* 64 MiB */
	INPUT_KERNEL,	/* 256 MiB */
	INPUT_INITRD,	/* 1 GiB */
	INPUT_IGVM,	/* 1 GiB */
	INPUT_REPORT,	/* 64 KiB */
	INPUT_CERT,	/* 64 KiB */
	INPUT_KEY,	/* 64 KiB */
	INPUT_TEXT,	/* 1 MiB: JSON, command lines */
};

/*
 * file_write(), which refuses (RC_FORMAT) to overwrite a file that input_load()
 * has read or that was written before.
 */
int output_write(const char *path, const void *data, size_t len, struct err *e);

/* Makes output_write() refuse a file that is read by other means. */
void output_protect(const char *path);

/* path may be NULL: nothing is loaded. input_free() in every case. */
int input_load(struct input *in, enum input_kind kind, const char *path,
	       struct err *e);
void input_free(struct input *in);

/* Overwrites the bytes of a secret, which is not mapped. */
void input_cleanse(struct input *in);

/* The sum that names a file in results: its SHA-256 in hex; NULL on failure. */
json_t *input_json(const struct input *in);

#endif
