/* SPDX-License-Identifier: Apache-2.0 */
/* opt.c: options of the sub-commands, by table. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "hex.h"

enum { MAX_OPTIONS = 64 };

bool opt_number(const char *text, uint64_t max, uint64_t *out)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	char *end;

	/* strtoull() would take blanks, signs and a second 0x. */
	if (!digits[0] || digits[strspn(digits, hex ? "0123456789abcdefABCDEF"
						    : "0123456789")])
		return false;
	errno = 0;
	*out = strtoull(digits, &end, hex ? 16 : 10);
	return !errno && !*end && *out <= max;
}

/* The same with a unit. */
static bool size(const char *text, uint64_t max, uint64_t *out)
{
	static const char units[] = "KMG";
	char digits[32];
	size_t len = strlen(text);
	const char *unit = len > 0 ? strchr(units, text[len - 1]) : NULL;
	int shift = unit && *unit ? 10 * (int)(unit - units + 1) : 0;

	if (len >= sizeof(digits))
		return false;
	memcpy(digits, text, len + 1);
	if (shift)
		digits[len - 1] = '\0';
	if (!opt_number(digits, max >> shift, out))
		return false;
	*out <<= shift;
	return true;
}

static int set_number(const struct cmd *self, const struct opt *o,
		      const char *text)
{
	struct opt_number *n = o->target;

	if (n->set)
		return cmd_usage(self, "--%s is given twice", o->name);
	if (!(o->kind == OPT_SIZE ? size : opt_number)(text, o->max, &n->v))
		return cmd_usage(self,
				 "--%s: '%s' is no number from 0 to %" PRIu64,
				 o->name, text, o->max);
	n->set = true;
	return OPT_DONE;
}

static int set_hex(const struct cmd *self, const struct opt *o,
		   const char *text)
{
	struct opt_hex *h = o->target;

	if (h->set)
		return cmd_usage(self, "--%s is given twice", o->name);
	if (!hex_parse(text, h->b, (size_t)o->max))
		return cmd_usage(self,
				 "--%s: '%s' is not %" PRIu64 " bytes in hex",
				 o->name, text, o->max);
	h->set = true;
	return OPT_DONE;
}

static int set(const struct cmd *self, const struct opt *o, const char *text)
{
	struct opt_list *list = o->target;
	const char **string = o->target;
	bool *flag = o->target;

	switch (o->kind) {
	case OPT_FLAG:
		*flag = true;
		return OPT_DONE;
	case OPT_STRING:
		if (*string)
			return cmd_usage(self, "--%s is given twice", o->name);
		*string = text;
		return OPT_DONE;
	case OPT_LIST:
		if (list->n == OPT_MAX_LIST)
			return cmd_usage(self, "--%s: more than %d times",
					 o->name, OPT_MAX_LIST);
		list->v[list->n++] = text;
		return OPT_DONE;
	case OPT_HEX:
		return set_hex(self, o, text);
	default:
		return set_number(self, o, text);
	}
}

/* Fills longs from a table; val is the index plus one. */
static size_t fill(struct option *longs, size_t n, const struct opt *table,
		   const struct opt **rows)
{
	for (; table->name; table++) {
		if (n + 1 >= MAX_OPTIONS)
			abort(); /* a fault of the table */
		longs[n] = (struct option){
			.name = table->name,
			.has_arg = table->kind == OPT_FLAG ? no_argument
							   : required_argument,
			.val = (int)n + 1,
		};
		rows[n++] = table;
	}
	longs[n] = (struct option){0};
	return n;
}

/* Names that sev-snp-measure has for the same thing. */
static const char *const elsewhere[][2] = {
	{"ovmf", "firmware"},	   {"vcpu-type", "cpu"},
	{"vmm-type", "vmm"},	   {"snp-ovmf-hash", "firmware-hash"},
	{"output-format", "json"}, {"dump-vmsa", "trace"},
};

static int unknown(const struct cmd *self, int c, const char *word,
		   const struct option *longs)
{
	size_t len = strcspn(word, "=");

	if (c == ':')
		return cmd_usage(self, "%s needs a value", word);
	for (size_t i = 0; longs[i].name && word[len] == '='; i++)
		if (len > 2 && strlen(longs[i].name) == len - 2 &&
		    strncmp(word + 2, longs[i].name, len - 2) == 0)
			return cmd_usage(self, "--%s takes no value",
					 longs[i].name);
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (len > 2 && strlen(elsewhere[i][0]) == len - 2 &&
		    strncmp(word + 2, elsewhere[i][0], len - 2) == 0)
			return cmd_usage(self, "--%s is --%s here",
					 elsewhere[i][0], elsewhere[i][1]);
	return cmd_usage(self, "%s: no such option", word);
}

int opt_parse(const struct cmd *self, const struct opt *table, int argc,
	      char **argv, struct cmd_common *c, const char **operands,
	      size_t max_operands, size_t *nr_operands)
{
	bool help = false, rest = false; /* rest: behind "--" */
	const struct opt common[] = {
		{"json", OPT_FLAG, &c->json, 0},
		{"quiet", OPT_FLAG, &c->quiet, 0},
		{"output", OPT_STRING, &c->output, 0},
		{"help", OPT_FLAG, &help, 0},
		{NULL, OPT_FLAG, NULL, 0},
	};
	struct option longs[MAX_OPTIONS];
	const struct opt *rows[MAX_OPTIONS];
	size_t n = fill(longs, 0, common, rows), found = 0;
	int code;

	(void)fill(longs, n, table, rows);
	c->name = self->name;
	help = argc > 1 && strcmp(argv[1], "-h") == 0;
	optind = help ? argc : 1;
	while (optind < argc) {
		const char *word = argv[optind];
		int got =
			rest ? -1 : getopt_long(argc, argv, "+:", longs, NULL);

		rest = rest || (got == -1 && strcmp(word, "--") == 0);

		if (got == -1 && optind < argc) {
			/* An operand; all words behind "--" are. */
			if (found == max_operands)
				return cmd_usage(self, "'%s' is not expected",
						 argv[optind]);
			operands[found++] = argv[optind++];
			continue;
		}
		if (got == -1)
			break;
		/* Abbreviations are not taken: a later option may be meant. */
		if (got == '?' || got == ':' ||
		    strcspn(word + 2, "=") != strlen(longs[got - 1].name))
			return unknown(self, got, word, longs);
		code = set(self, rows[got - 1], optarg);
		if (code != OPT_DONE)
			return code;
	}
	if (help)
		return fputs(self->help, stdout) < 0 || fflush(stdout);
	if (c->json && c->quiet)
		return cmd_usage(self, "--json and --quiet exclude each other");
	if (nr_operands)
		*nr_operands = found;
	return OPT_DONE;
}
