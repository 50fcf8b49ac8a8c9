/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmdline.c: the kernel command line, word by word.
 *
 * Words end at a blank outside double quotes, as in the kernel's next_arg()
 * (lib/cmdline.c). The line is written by the host. It is measured, so a
 * verifier sees every change; init refuses to run with one all the same.
 */
#include <ctype.h>
#include <string.h>

#include "cmdline.h"
#include "io.h"
#include "log.h"

/* A word that ends in '=' stands for that word with any value. The value of
 * dm-mod.create is compared with the running root in guard.c. */
static const char *const allowed[] = {
	"dm-mod.create=",
	"root=/dev/dm-0",
	"rootfstype=erofs",
	"ro",
	"random.trust_bootloader=off",
	"page_alloc.shuffle=1",
	"tsc=reliable",
	"hpet=disable",
};
#define NR_ALLOWED (sizeof(allowed) / sizeof(allowed[0]))

/* Known ways to take over or blind a guest, named as such in the log. */
/* clang-format off */
static const char *const denied[] = {
	"init=", "rdinit=", "initrd", "console=", "earlycon", "earlyprintk", "root",
	"rw", "dm-mod.", "dm_mod.", "systemd.", "single", "lsm=", "lockdown=",
	"mitigations=", "nokaslr", "acpi", "mem=", "memmap=", "sysctl.", "panic=",
	"oops=", "random.", "tsc=", "hpet=", "clocksource=",
};
/* clang-format on */

static char line[CMDLINE_MAX + 1];

void cmdline_read(void)
{
	if (read_file("/proc/cmdline", line, sizeof(line)) < 0)
		die("read", "/proc/cmdline");
}

/* Finds the next word at or after *pos; returns its length, 0 at the end. */
static size_t next_word(const char **pos)
{
	const char *p = *pos;
	bool quoted = false;
	size_t n = 0;

	while (isspace((unsigned char)*p))
		p++;
	while (p[n] && (quoted || !isspace((unsigned char)p[n]))) {
		if (p[n] == '"')
			quoted = !quoted;
		n++;
	}
	*pos = p;
	return n;
}

static bool starts_with(const char *word, size_t n, const char *prefix)
{
	size_t len = strlen(prefix);

	return n >= len && memcmp(word, prefix, len) == 0;
}

const char *cmdline_value(const char *name)
{
	static char value[CMDLINE_MAX + 1];
	const char *p = line;
	size_t n, len = strlen(name), out = 0;

	for (; (n = next_word(&p)); p += n)
		if (starts_with(p, n, name) && n > len && p[len] == '=')
			break;
	if (!n)
		return NULL;
	for (size_t i = len + 1; i < n; i++)
		if (p[i] != '"')
			value[out++] = p[i];
	value[out] = '\0';
	return value;
}

_Noreturn static void refuse(const char *why, const char *word, size_t n)
{
	char copy[80];

	if (n >= sizeof(copy))
		n = sizeof(copy) - 1;
	memcpy(copy, word, n);
	copy[n] = '\0';
	log_msg("fatal: command line: ", why, " word ", copy, NULL);
	power_off();
}

static size_t find_allowed(const char *word, size_t n)
{
	for (size_t i = 0; i < NR_ALLOWED; i++) {
		size_t len = strlen(allowed[i]);

		if (starts_with(word, n, allowed[i]) &&
		    (n == len || allowed[i][len - 1] == '='))
			return i;
	}
	for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
		if (starts_with(word, n, denied[i]))
			refuse("denied", word, n);
	refuse("unknown", word, n);
}

void cmdline_check(void)
{
	bool seen[NR_ALLOWED] = {false};
	const char *p = line;
	size_t n;

	for (; (n = next_word(&p)); p += n) {
		size_t i = find_allowed(p, n);

		if (seen[i])
			refuse("duplicate", p, n);
		seen[i] = true;
	}
	for (size_t i = 0; i < NR_ALLOWED; i++)
		if (!seen[i])
			refuse("missing", allowed[i], strlen(allowed[i]));
}
