/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: the table of sub-commands. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "json_in.h"

static const struct cmd *const commands[] = {
	&cmd_snp,	 &cmd_snp_extend, &cmd_snp_id_block, &cmd_igvm,
	&cmd_verify_snp, &cmd_identify,	  &cmd_inspect,	     &cmd_image,
};
enum { NR_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void help(FILE *f)
{
	fputs("usage: mote-measure COMMAND [OPTION]...\n\nCommands\n", f);
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(f, "  %-14s %s\n", commands[i]->name,
			commands[i]->summary);
	fputs("\nmote-measure COMMAND --help lists the options of a command.\n"
	      "mote-measure --version prints the version.\n"
	      "Exit: 0 done, 1 environment, 2 usage, 3 input rejected, "
	      "4 mismatch\n",
	      f);
}

/* How many words of argv[1..] are the name of c: 0, 1 or 2. */
static int matches(const struct cmd *c, int argc, char **argv)
{
	const char *second = strchr(c->name, ' ');
	size_t len = second ? (size_t)(second - c->name) : strlen(c->name);

	if (strlen(argv[1]) != len || strncmp(argv[1], c->name, len) != 0)
		return 0;
	if (!second)
		return 1;
	return argc > 2 && strcmp(argv[2], second + 1) == 0 ? 2 : 0;
}

static int run(int argc, char **argv)
{
	const struct cmd *best = NULL;
	int words = 0;

	for (size_t i = 0; i < NR_COMMANDS; i++) {
		int n = matches(commands[i], argc, argv);

		if (n > words) {
			words = n;
			best = commands[i];
		}
	}
	if (!best && strcmp(argv[1], "verify") == 0) {
		fputs("mote-measure: verify what? verify snp\n", stderr);
		return 2;
	}
	if (!best) {
		fprintf(stderr, "mote-measure: '%s' is no command\n", argv[1]);
		fputs("Try: mote-measure --help\n", stderr);
		return 2;
	}
	return best->run(best, argc - words, argv + words);
}

int main(int argc, char **argv)
{
	struct err e = {""};

	json_in_start();
	if (file_map_guard(&e))
		return cmd_fail(RC_IO, &e);
	/* libcrypto's own configuration file must not change a result. */
	if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL)) {
		fputs("mote-measure: libcrypto does not start\n", stderr);
		return 1;
	}
	if (argc < 2) {
		help(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		help(stdout);
		return fflush(stdout) != 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("mote-measure " MOTE_VERSION);
		return fflush(stdout) != 0;
	}
	return run(argc, argv);
}
