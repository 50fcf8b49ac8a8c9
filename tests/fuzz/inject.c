/* SPDX-License-Identifier: Apache-2.0 */
/* inject.c: runs a harness with and without failures, and compares. */
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <sanitizer/lsan_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"

enum { ONCE = 255, MAX_CALLS = 65536, MAX_SEEN = 64 };

static struct {
	bool on, paused;
	uint8_t rate;
	unsigned int kinds, calls, only; /* only: the call that fails */
	uint32_t random;
} now;
static unsigned int last_calls; /* in the input before, of all kinds */

/* malloc() here is what mote-measure calls: see inject_wrap.c. */
void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max,
			       unsigned int seed);

bool inject(enum inject_kind kind)
{
	if (!now.on || now.paused || !(now.kinds & kind))
		return false;
	now.random = now.random * 1664525 + 1013904223;
	now.calls++;
	if (now.rate == ONCE)
		return now.calls - 1 == now.only;
	return now.random >> 24 < now.rate;
}

void inject_pause(bool paused)
{
	now.paused = paused;
}

_Noreturn void must_failed(const char *file, int line, const char *what)
{
	now.on = false;
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
	abort();
}

static uint64_t sum(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	/* FNV-1a */
	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3ULL;
	return h;
}

static struct step *find(struct run *r, const char *name)
{
	for (size_t i = 0; i < r->nr_steps; i++)
		if (strcmp(r->steps[i].name, name) == 0)
			return &r->steps[i];
	return NULL;
}

int step(struct run *r, int rc, const struct err *e, const char *fmt, ...)
{
	struct step *s = &r->steps[r->nr_steps];
	va_list ap;

	MUST(r->nr_steps < RUN_MAX_STEPS);
	va_start(ap, fmt);
	(void)vsnprintf(s->name, sizeof(s->name), fmt, ap);
	va_end(ap);
	MUST(!find(r, s->name));
	MUST(rc <= RC_OK && rc >= RC_MISMATCH);
	s->rc = rc;
	s->sum = 0xcbf29ce484222325ULL;
	s->msg[0] = '\0';
	if (rc) {
		MUST(e->msg[0] && strlen(e->msg) < sizeof(e->msg));
		for (const char *c = e->msg; *c; c++)
			MUST((unsigned char)*c >= 0x20 && *c != 0x7f);
		memcpy(s->msg, e->msg, strlen(e->msg) + 1);
	}
	r->nr_steps++;
	return rc;
}

void gives(struct run *r, const void *p, size_t n)
{
	struct step *s = &r->steps[r->nr_steps - 1];

	s->sum = sum(s->sum, p, n);
}

void gives_number(struct run *r, uint64_t v)
{
	gives(r, &v, sizeof(v));
}

void gives_text(struct run *r, const char *s)
{
	gives(r, s, strlen(s) + 1);
}

static void differs(const char *what, const struct step *a,
		    const struct step *b)
{
	fprintf(stderr, "%s: step %s: rc %d '%s' sum %016llx\n", what, a->name,
		a->rc, a->msg, (unsigned long long)a->sum);
	if (b)
		fprintf(stderr, "  but %s: rc %d '%s' sum %016llx\n", b->name,
			b->rc, b->msg, (unsigned long long)b->sum);
	abort();
}

static void must_be_same(struct run *a, struct run *b)
{
	for (size_t i = 0; i < a->nr_steps || i < b->nr_steps; i++) {
		const struct step *x = &a->steps[i], *y = &b->steps[i];

		if (i >= a->nr_steps || i >= b->nr_steps)
			differs("one step more", i < a->nr_steps ? x : y, NULL);
		if (strcmp(x->name, y->name) != 0 || x->rc != y->rc ||
		    strcmp(x->msg, y->msg) != 0 || x->sum != y->sum)
			differs("not the same again", x, y);
	}
}

/* The caller's exit status depends on who is to blame. */
static void must_be_rc_io(const struct step *clean, const struct step *s)
{
	static char seen[MAX_SEEN][sizeof(s->msg)];
	static size_t n;

	if (!s->rc || s->rc == RC_IO || s->rc == clean->rc ||
	    !getenv("FUZZ_STRICT"))
		return;
	for (size_t i = 0; i < n; i++)
		if (strcmp(seen[i], s->msg) == 0)
			return;
	if (n < MAX_SEEN)
		memcpy(seen[n++], s->msg, sizeof(s->msg));
	fprintf(stderr, "kinds %x call %u: %s: rc %d '%s', without rc %d\n",
		now.kinds, now.only, s->name, s->rc, s->msg, clean->rc);
}

static void must_not_be_better(struct run *clean, struct run *failing)
{
	for (size_t i = 0; i < failing->nr_steps; i++) {
		const struct step *s = &failing->steps[i];
		const struct step *c = find(clean, s->name);

		if (!c)
			differs("only with failures", s, NULL);
		if (!s->rc && (c->rc || c->sum != s->sum))
			differs("wrong success with failures", s, c);
		must_be_rc_io(c, s);
	}
}

/* The bytes are a block of their own, so that reads outside are seen. */
static void run(struct run *r, const uint8_t *data, size_t n, uint8_t rate,
		unsigned int kinds)
{
	uint8_t *copy = malloc(n - INJECT_HEADER);

	if (!copy)
		abort();
	memcpy(copy, data + INJECT_HEADER, n - INJECT_HEADER);
	r->p = copy;
	r->n = n - INJECT_HEADER;
	r->mode = data[1] & (RUN_MODE | RUN_REPAIR);
	r->nr_steps = 0;
	now.rate = rate;
	now.only = now.random = (uint32_t)(data[2] | data[3] << 8);
	now.kinds = kinds;
	now.calls = 0;
	ERR_clear_error();
	now.on = true;
	one(r);
	now.on = false;
	ERR_clear_error();
	free(copy);
}

static void run_failing(struct run *clean, const uint8_t *data, size_t n,
			uint8_t rate, unsigned int kinds)
{
	static struct run other;

	run(&other, data, n, rate, kinds);
	last_calls = now.calls;
	must_not_be_better(clean, &other);
	run(&other, data, n, 0, INJECT_ALL);
	must_be_same(clean, &other);
}

/* Each call of each of the kinds fails once. */
static void run_each(struct run *clean, const uint8_t *data, size_t n,
		     unsigned long kinds)
{
	uint8_t *copy = malloc(n);

	if (!copy)
		abort();
	memcpy(copy, data, n);
	for (unsigned int kind = 1; kind & INJECT_ALL; kind <<= 1) {
		unsigned int i = 0;

		if (!(kinds & kind))
			continue;
		do {
			copy[2] = (uint8_t)i;
			copy[3] = (uint8_t)(i >> 8);
			run_failing(clean, copy, n, ONCE, kind);
		} while (last_calls > i && ++i < MAX_CALLS);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	/* A mask: each call of these kinds fails once, for every input. */
	const char *each = getenv("FUZZ_EACH");
	static struct run clean, again;

	if (n < INJECT_HEADER)
		return 0;
	run(&clean, data, n, 0, INJECT_ALL);
	if (each) {
		run_each(&clean, data, n, strtoul(each, NULL, 0));
	} else if (data[0] && data[1] & INJECT_ALL) {
		run_failing(&clean, data, n, data[0], data[1] & INJECT_ALL);
	} else {
		last_calls = now.calls;
		run(&again, data, n, 0, INJECT_ALL);
		must_be_same(&clean, &again);
	}
	return 0;
}

/* Every fourth time only the header changes, so that calls do fail. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max,
			       unsigned int seed)
{
	static const uint8_t rates[] = {0, 1, 4, 16, 64, ONCE, ONCE, ONCE};

	if (n < INJECT_HEADER && max >= INJECT_HEADER) {
		memset(data, 0, INJECT_HEADER);
		return INJECT_HEADER;
	}
	if (seed % 4 != 0)
		return INJECT_HEADER + LLVMFuzzerMutate(data + INJECT_HEADER,
							n - INJECT_HEADER,
							max - INJECT_HEADER);
	seed /= 4;
	data[0] = rates[seed % 8];
	seed /= 8;
	data[1] = (uint8_t)seed;
	seed /= 256;
	if (data[0] == ONCE && last_calls > 0)
		seed %= last_calls;
	data[2] = (uint8_t)seed;
	data[3] = (uint8_t)(seed >> 8);
	return n;
}

static void *json_alloc(size_t n)
{
	return inject(INJECT_JSON) ? NULL : __real_malloc(n);
}

/*
 * What libcrypto allocates while calls fail may be lost in libcrypto itself:
 * leaks are looked for with INJECT_CRYPTO.
 */
static void *crypto_alloc(size_t n, const char *file, int line)
{
	bool failing = now.on && now.rate && now.kinds & INJECT_MEMORY;
	void *p;

	(void)file;
	(void)line;
	if (n == 0 || inject(INJECT_MEMORY))
		return NULL;
	if (failing)
		__lsan_disable();
	p = __real_malloc(n);
	if (failing)
		__lsan_enable();
	return p;
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
	if (!p)
		return crypto_alloc(n, file, line);
	if (n == 0) {
		free(p);
		return NULL;
	}
	return inject(INJECT_MEMORY) ? NULL : __real_realloc(p, n);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* Before libcrypto allocates anything. */
	MUST(CRYPTO_set_mem_functions(crypto_alloc, crypto_realloc,
				      crypto_free));
	json_set_alloc_funcs(json_alloc, free);
	json_object_seed(1);
	/* What is made once is made now. */
	MUST(OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL));
	MUST(OSSL_PROVIDER_available(NULL, "default"));
	return 0;
}
