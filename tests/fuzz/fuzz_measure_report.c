/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_measure_report.c: SNP reports, and what is expected of them. */
#include <string.h>

#include "inject.h"
#include "snp_report.h"

/*
 * The certificate in all of it: its public key is the base point of P-384 (FIPS
 * 186-4, D.1.2.4), so that anyone can sign by the private key 1.
 */
static const uint8_t spki[] = {
	0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
	0xaa, 0x87, 0xca, 0x22, 0xbe, 0x8b, 0x05, 0x37, 0x8e, 0xb1, 0xc7, 0x1e,
	0xf3, 0x20, 0xad, 0x74, 0x6e, 0x1d, 0x3b, 0x62, 0x8b, 0xa7, 0x9b, 0x98,
	0x59, 0xf7, 0x41, 0xe0, 0x82, 0x54, 0x2a, 0x38, 0x55, 0x02, 0xf2, 0x5d,
	0xbf, 0x55, 0x29, 0x6c, 0x3a, 0x54, 0x5e, 0x38, 0x72, 0x76, 0x0a, 0xb7,
	0x36, 0x17, 0xde, 0x4a, 0x96, 0x26, 0x2c, 0x6f, 0x5d, 0x9e, 0x98, 0xbf,
	0x92, 0x92, 0xdc, 0x29, 0xf8, 0xf4, 0x1d, 0xbd, 0x28, 0x9a, 0x14, 0x7c,
	0xe9, 0xda, 0x31, 0x13, 0xb5, 0xf0, 0xb8, 0xc0, 0x0a, 0x60, 0xb1, 0xce,
	0x1d, 0x7e, 0x81, 0x9d, 0x7a, 0x43, 0x1d, 0x7c, 0x90, 0xea, 0x0e, 0x5f,
};

static struct snp_cert cert_for(const struct snp_report *s)
{
	struct snp_cert c = {.kind = s->signing_key,
			     .product = s->product,
			     .tcb = s->tcb[SNP_REPORTED],
			     .spki_len = sizeof(spki)};

	memcpy(c.hwid, s->chip_id, sizeof(c.hwid));
	memcpy(c.spki, spki, sizeof(spki));
	return c;
}

static void note(struct run *r, const struct snp_checks *c)
{
	for (size_t i = 0; i < c->n; i++) {
		gives_text(r, c->v[i].name);
		gives_text(r, c->v[i].expected);
		gives_text(r, c->v[i].actual);
		gives_number(r, c->v[i].result);
	}
}

/* What the report says itself is expected: it must be right. */
static struct snp_expect of_itself(const struct snp_report *s)
{
	struct snp_expect x = {
		.measurements = &s->measurement,
		.nr_measurements = 1,
		.host_data = s->host_data,
		.report_data = s->report_data,
		.id_key_digest = s->id_key_digest,
		.family_id = s->family_id,
		.image_id = s->image_id,
		.policy = &s->policy,
		.policy_require = s->policy,
		.policy_forbid = ~s->policy,
		.allow_debug = true,
		.allow_migration = true,
		.vmpl = s->vmpl,
		.min_guest_svn = s->guest_svn,
	};

	if (s->author_key_en)
		x.author_key_digest = s->author_key_digest;
	return x;
}

static void check(struct run *r, const struct snp_report *s)
{
	static struct snp_checks checks;
	struct snp_expect x = of_itself(s);
	struct snp_cert cert = cert_for(s);
	struct err e = {""};
	int rc = snp_report_check(s, NULL, &x, &checks, &e);

	MUST(!rc);
	step(r, rc, &e, "itself %d", (int)s->product);
	note(r, &checks);
	if (!step(r, snp_report_check(s, &cert, &x, &checks, &e), &e,
		  "signed %d", (int)s->product)) {
		note(r, &checks);
		MUST(snp_checks_ok(&checks, "signature"));
	}
	x = (struct snp_expect){.vmpl = 1, .min_guest_svn = 1};
	for (int i = 0; i < SNP_TCB_PARTS; i++) {
		x.min_tcb_set[i] = true;
		x.min_tcb.v[i] = 1;
	}
	rc = snp_report_check(s, NULL, &x, &checks, &e);
	step(r, rc, &e, "minimum %d", (int)s->product);
	note(r, &checks);
	MUST(!snp_checks_ok(&checks, "signature"));
}

void one(struct run *r)
{
	struct snp_report s, again;
	struct err e = {""};

	if (step(r, snp_report_parse(r->p, r->n, &s, &e), &e, "parse"))
		return;
	MUST(r->n == SNP_REPORT_SIZE && s.version >= 2 && s.version <= 5);
	gives_number(r, s.policy);
	gives(r, s.raw_tcb, sizeof(s.raw_tcb));
	gives(r, s.measurement, sizeof(s.measurement));
	for (int i = 0; i < SNP_NR_PRODUCTS; i++) {
		again = s;
		if (step(r, snp_report_product(&again, (enum snp_product)i, &e),
			 &e, "product %d", i))
			continue;
		gives(r, again.tcb, sizeof(again.tcb));
		again.product = (enum snp_product)i;
		check(r, &again);
	}
}
