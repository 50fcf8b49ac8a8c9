/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify_search.c: all configurations, by the number of differences.
 *
 * A chain is a configuration but for the number of vCPUs: its digests of 1, 2,
 * 3... vCPUs cost one hash each. Round k tries all chains of k differences
 * with the expected number of vCPUs, then all chains of k - 1 differences with
 * any other number. No two of these configurations have the same digest but
 * where a difference has no effect (no vCPUs, for example), and then the one
 * with fewer differences comes first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "identify_parts.h"

/* The longest chains have a difference in each dimension. */
enum { NR_ROUNDS = IDENTIFY_NR_CHOICES + 2 };

struct search {
	struct identify *q;
	struct identify_chain *chain;
	struct identify_result *r;
	size_t at[IDENTIFY_NR_CHOICES];
	uint64_t chains;
	bool expected; /* number of vCPUs: this one, or all others */
};

/* 1 where a choice has no effect on the digest. */
static size_t choices(const struct search *s, size_t d)
{
	const struct identify *q = s->q;

	if ((d == IDENTIFY_CMDLINE || d == IDENTIFY_INITRD) &&
	    s->at[IDENTIFY_HASHES])
		return 1;
	if (d == IDENTIFY_CPU &&
	    !identify_measures_cpu(q->vmms[s->at[IDENTIFY_VMM]]))
		return 1;
	return q->nr[d];
}

typedef void visit(struct search *s);

/* Calls f for all chains of exactly left differences from dimension d on. */
static void each_chain(struct search *s, size_t d, unsigned left, visit *f)
{
	size_t n;

	if (s->r->kind != IDENTIFY_NOTHING || left > IDENTIFY_NR_CHOICES - d)
		return;
	if (d == IDENTIFY_NR_CHOICES) {
		f(s);
		return;
	}
	s->at[d] = 0;
	each_chain(s, d + 1, left, f);
	n = left > 0 ? choices(s, d) : 1;
	for (size_t i = 1; i < n; i++) {
		s->at[d] = i;
		each_chain(s, d + 1, left - 1, f);
	}
	s->at[d] = 0;
}

static void count(struct search *s)
{
	s->chains++;
}

/* Whether it is the digest that is looked for; its bytes may be reversed. */
static bool matches(const struct search *s, const uint8_t *digest,
		    bool *reversed)
{
	const struct identify *q = s->q;

	s->r->tried++;
	*reversed = false;
	if (memcmp(digest, q->digest, q->digest_size) == 0)
		return true;
	*reversed = true;
	return memcmp(digest, q->reversed, q->digest_size) == 0;
}

static void compare(struct search *s, size_t vcpus)
{
	uint8_t digest[SNP_DIGEST];
	bool reversed, same = vcpus == s->q->vcpus;

	identify_chain_digest(s->q, s->chain, digest);
	if (!matches(s, digest, &reversed))
		return;
	for (size_t d = 0; d < IDENTIFY_NR_CHOICES; d++) {
		s->r->at[d] = s->at[d];
		same = same && s->at[d] == 0;
	}
	s->r->at[IDENTIFY_VCPUS] = vcpus;
	s->r->at[IDENTIFY_ORDER] = reversed;
	s->r->kind = same && !reversed ? IDENTIFY_EXPECTED : IDENTIFY_VARIANT;
}

static void try_chain(struct search *s)
{
	const struct identify *q = s->q;
	size_t last = s->expected ? q->vcpus : q->max_vcpus;

	if (!identify_chain_begin(s->q, s->chain, s->at))
		return;
	for (size_t n = 0; n <= last && n <= s->chain->max_vcpus; n++) {
		if (n > 0)
			identify_chain_add(s->q, s->chain, n - 1);
		if (s->expected == (n == q->vcpus))
			compare(s, n);
		if (s->r->kind != IDENTIFY_NOTHING)
			return;
	}
}

/* Names what has the digest, but is no launch. */
static void other(struct search *s, const uint8_t *digest, const char *what,
		  const char *of)
{
	bool reversed;

	if (s->r->kind != IDENTIFY_NOTHING || !matches(s, digest, &reversed))
		return;
	s->r->kind = IDENTIFY_OTHER;
	(void)snprintf(s->r->other, sizeof(s->r->other), "%s%s%s", what, of,
		       reversed ? ", with its bytes in reverse order" : "");
}

static void try_others(struct search *s)
{
	static const uint8_t zero[SNP_DIGEST];
	const struct identify *q = s->q;
	const char *sum = q->mode == IDENTIFY_SNP ? "the SHA-384 of the "
						  : "the SHA-256 of the ";

	other(s, zero, "zero in all its bytes", "");
	for (size_t i = 0; i < q->nr[IDENTIFY_FIRMWARE]; i++) {
		const struct identify_firmware *f = q->firmware[i];

		if (q->mode != IDENTIFY_SNP || f->cut)
			continue;
		other(s, f->seed, "the digest of the pages alone of firmware ",
		      f->name);
		other(s, f->file, "the SHA-384 of the firmware file ", f->name);
	}
	for (size_t i = 0; i < 3; i++)
		if (q->files[i].given)
			other(s, q->files[i].sum, sum, q->files[i].name);
}

/* Hashes of the metadata, with every table and for all kinds of VMMs. */
static uint64_t metadata(const struct identify *q)
{
	uint64_t pages = 0;
	size_t tables = q->nr[IDENTIFY_CMDLINE] * q->nr[IDENTIFY_INITRD] + 1;

	for (size_t i = 0; i < q->nr[IDENTIFY_FIRMWARE]; i++)
		pages += q->firmware[i]->pages;
	return pages * tables * IDENTIFY_NR_CLASSES;
}

/* Hashes of round k, counting[i] being the chains of i differences. */
static uint64_t cost(const struct identify *q, const uint64_t *counting,
		     unsigned k)
{
	uint64_t n =
		k <= IDENTIFY_NR_CHOICES ? counting[k] * (q->vcpus + 1) : 0;

	return k > 0 ? n + counting[k - 1] * (q->max_vcpus + 1) : n;
}

static void search(struct search *s)
{
	const struct identify *q = s->q;
	uint64_t counting[NR_ROUNDS] = {0}, total = metadata(q);
	uint64_t most =
		q->mode == IDENTIFY_SNP ? IDENTIFY_MAX_SNP : IDENTIFY_MAX_SEV;

	for (unsigned k = 0; k <= IDENTIFY_NR_CHOICES; k++) {
		s->chains = 0;
		each_chain(s, 0, k, count);
		counting[k] = s->chains;
	}
	for (unsigned k = 0; k < NR_ROUNDS; k++) {
		total += cost(q, counting, k);
		if (k > 1 && total > most)
			return;
		s->expected = true;
		each_chain(s, 0, k, try_chain);
		s->expected = false;
		if (k > 0)
			each_chain(s, 0, k - 1, try_chain);
		if (s->r->kind != IDENTIFY_NOTHING)
			return;
		if (k == 0)
			try_others(s);
		s->r->combined = k;
	}
	s->r->complete = true;
}

int identify_run(struct identify *q, struct identify_result *r, struct err *e)
{
	struct search s = {.q = q, .r = r};
	int rc;

	*r = (struct identify_result){.kind = IDENTIFY_NOTHING};
	s.chain = identify_chain_new(q, e);
	if (!s.chain)
		return RC_IO;
	search(&s);
	rc = hash_check(q->sha384, e);
	rc = rc ? rc : hash_check(s.chain->sha256, e);
	identify_chain_free(s.chain);
	return rc;
}
