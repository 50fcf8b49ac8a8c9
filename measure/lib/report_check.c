/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_check.c: an attestation report against what is expected of it.
 *
 * The checks of the signing key come first, so that a report and a certificate
 * that do not belong together say why. REPORTED_TCB is the version that the
 * signing key was derived from (AMD 57230), and therefore equal to the
 * certificate's; a minimum holds for every TCB of the report, because each of
 * them had a say in what the report tells: LAUNCH_TCB measured the guest,
 * CURRENT_TCB runs it, COMMITTED_TCB is what the host can go back to.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hex.h"
#include "snp_report.h"

const char *snp_result_name(enum snp_result result)
{
	switch (result) {
	case SNP_OK:
		return "ok";
	case SNP_NOT_COMPARED:
		return "not compared";
	default:
		return "FAILED";
	}
}

bool snp_checks_ok(const struct snp_checks *checks, const char *name)
{
	for (size_t i = 0; i < checks->n; i++)
		if (strcmp(checks->v[i].name, name) == 0)
			return checks->v[i].result == SNP_OK;
	return false;
}

/* The next check; nothing fits only by a fault of ours. */
static struct snp_check *add(struct snp_checks *c, const char *name)
{
	struct snp_check *k;

	assert(c->n < SNP_MAX_CHECKS);
	k = &c->v[c->n++];
	*k = (struct snp_check){.name = name, .result = SNP_FAILED};
	return k;
}

static void text(char out[SNP_CHECK_TEXT], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void text(char out[SNP_CHECK_TEXT], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, SNP_CHECK_TEXT, fmt, ap);
	va_end(ap);
	assert(n >= 0 && n < SNP_CHECK_TEXT);
	(void)n;
}

/* want NULL: not compared */
static void check_bytes(struct snp_checks *c, const char *name,
			const uint8_t *want, const uint8_t *is, size_t n)
{
	struct snp_check *k = add(c, name);

	assert(2 * n < SNP_CHECK_TEXT);
	hex_format(is, n, k->actual);
	if (want)
		hex_format(want, n, k->expected);
	if (!want)
		k->result = SNP_NOT_COMPARED;
	else if (memcmp(want, is, n) == 0)
		k->result = SNP_OK;
}

static void tcb_text(char out[SNP_CHECK_TEXT], const char *prefix,
		     const struct snp_tcb *t, const bool *parts)
{
	size_t len = strlen(prefix);

	text(out, "%s", prefix);
	for (int i = 0; i < SNP_TCB_PARTS; i++) {
		if (!parts[i])
			continue;
		len += (size_t)snprintf(out + len, SNP_CHECK_TEXT - len,
					"%s%s=%u",
					len > strlen(prefix) ? "," : "",
					snp_tcb_part_name((enum snp_tcb_part)i),
					(unsigned int)t->v[i]);
		assert(len < SNP_CHECK_TEXT);
	}
}

/* The parts that the processor of r has. */
static void tcb_parts(const struct snp_report *r, bool parts[SNP_TCB_PARTS])
{
	for (int i = 0; i < SNP_TCB_PARTS; i++)
		parts[i] = i != SNP_TCB_FMC || r->has_fmc;
}

/*
 * Version 2 does not name the processor: there it is taken from the
 * certificate, and the signature has to tell.
 */
static void check_product(struct snp_checks *c, const struct snp_report *r,
			  const struct snp_cert *cert)
{
	struct snp_check *k = add(c, "product");

	text(k->actual, "%s", snp_product_name(r->product));
	if (!cert || r->version < 3) {
		k->result = SNP_NOT_COMPARED;
		return;
	}
	text(k->expected, "%s", snp_product_name(cert->product));
	if (cert->product == r->product)
		k->result = SNP_OK;
}

static void check_key(struct snp_checks *c, const struct snp_report *r,
		      const struct snp_cert *cert)
{
	struct snp_check *k = add(c, "signing_key");

	text(k->actual, "%s", snp_key_name(r->signing_key));
	if (!cert) {
		k->result = SNP_NOT_COMPARED;
		return;
	}
	text(k->expected, "%s", snp_key_name(cert->kind));
	if (cert->kind == r->signing_key)
		k->result = SNP_OK;
}

static void check_cert_tcb(struct snp_checks *c, const struct snp_report *r,
			   const struct snp_cert *cert)
{
	struct snp_check *k = add(c, "certificate_tcb");
	const struct snp_tcb *is = &r->tcb[SNP_REPORTED];
	bool parts[SNP_TCB_PARTS];

	tcb_parts(r, parts);
	tcb_text(k->actual, "", is, parts);
	if (!cert) {
		k->result = SNP_NOT_COMPARED;
		return;
	}
	tcb_text(k->expected, "", &cert->tcb, parts);
	if (memcmp(cert->tcb.v, is->v, sizeof(is->v)) == 0)
		k->result = SNP_OK;
}

/*
 * A VLEK belongs to no chip. A VCEK's chip is proven by the signature even
 * where the host masks the chip id.
 */
static void check_chip(struct snp_checks *c, const struct snp_report *r,
		       const struct snp_cert *cert)
{
	static const uint8_t masked[SNP_CHIP_ID];
	bool compare = cert && cert->kind == SNP_VCEK &&
		       memcmp(r->chip_id, masked, sizeof(masked)) != 0;

	check_bytes(c, "chip_id", compare ? cert->hwid : NULL, r->chip_id,
		    sizeof(r->chip_id));
}

static int check_signature(struct snp_checks *c, const struct snp_report *r,
			   const struct snp_cert *cert, struct err *e)
{
	struct snp_check *k = add(c, "signature");
	struct err reason = {""};
	int rc;

	if (!cert) {
		k->result = SNP_NOT_COMPARED;
		text(k->actual, "not verified");
		return RC_OK;
	}
	text(k->expected, "valid");
	rc = snp_report_signature(r, cert, &reason);
	text(k->actual, "%s", rc ? "invalid" : "valid");
	if (!rc)
		k->result = SNP_OK;
	if (rc && rc != RC_MISMATCH)
		return err_set(e, rc, "%s", reason.msg);
	return RC_OK;
}

static void check_measurement(struct snp_checks *c, const struct snp_report *r,
			      const struct snp_expect *x)
{
	const uint8_t *want = x->nr_measurements ? x->measurements[0] : NULL;

	for (size_t i = 1; i < x->nr_measurements; i++)
		if (memcmp(x->measurements[i], r->measurement,
			   sizeof(r->measurement)) == 0)
			want = x->measurements[i];
	check_bytes(c, "measurement", want, r->measurement,
		    sizeof(r->measurement));
	if (x->nr_measurements > 1)
		text(c->v[c->n - 1].expected, "one of %zu values",
		     x->nr_measurements);
}

static void check_number(struct snp_checks *c, const char *name,
			 const uint64_t *want, uint64_t is)
{
	struct snp_check *k = add(c, name);

	text(k->actual, "0x%" PRIx64, is);
	if (want)
		text(k->expected, "0x%" PRIx64, *want);
	if (!want)
		k->result = SNP_NOT_COMPARED;
	else if (*want == is)
		k->result = SNP_OK;
}

/* A bit of the policy that has to be off unless it is allowed. */
static void check_off(struct snp_checks *c, const char *name, bool is,
		      bool allowed)
{
	struct snp_check *k = add(c, name);

	text(k->expected, "%s", allowed ? "" : "off");
	text(k->actual, "%s", is ? "on" : "off");
	if (allowed)
		k->result = SNP_NOT_COMPARED;
	else if (!is)
		k->result = SNP_OK;
}

static void check_policy(struct snp_checks *c, const struct snp_report *r,
			 const struct snp_expect *x)
{
	const uint64_t none = 0;

	check_number(c, "policy", x->policy, r->policy);
	if (x->policy_require)
		check_number(c, "policy_require", &x->policy_require,
			     r->policy & x->policy_require);
	if (x->policy_forbid)
		check_number(c, "policy_forbid", &none,
			     r->policy & x->policy_forbid);
	check_off(c, "policy_debug", r->policy & SNP_POLICY_DEBUG,
		  x->allow_debug);
	check_off(c, "policy_migrate_ma", r->policy & SNP_POLICY_MIGRATE_MA,
		  x->allow_migration);
}

/* The digest is meaningless unless AUTHOR_KEY_EN is set. */
static void check_author(struct snp_checks *c, const struct snp_report *r,
			 const struct snp_expect *x)
{
	struct snp_check *k;

	check_bytes(c, "author_key_digest", x->author_key_digest,
		    r->author_key_digest, sizeof(r->author_key_digest));
	k = &c->v[c->n - 1];
	if (r->author_key_en)
		return;
	text(k->actual, "none");
	if (x->author_key_digest)
		k->result = SNP_FAILED;
}

static void check_numbers(struct snp_checks *c, const struct snp_report *r,
			  const struct snp_expect *x)
{
	struct snp_check *k = add(c, "vmpl");

	text(k->expected, "%" PRIu32, x->vmpl);
	text(k->actual, "%" PRIu32, r->vmpl);
	if (r->vmpl == x->vmpl)
		k->result = SNP_OK;
	k = add(c, "guest_svn");
	text(k->actual, "%" PRIu32, r->guest_svn);
	if (x->min_guest_svn == 0) {
		k->result = SNP_NOT_COMPARED;
		return;
	}
	text(k->expected, "at least %" PRIu32, x->min_guest_svn);
	if (r->guest_svn >= x->min_guest_svn)
		k->result = SNP_OK;
}

static void check_min_tcb(struct snp_checks *c, const struct snp_report *r,
			  enum snp_tcb_of which, const char *name,
			  const struct snp_expect *x)
{
	struct snp_check *k = add(c, name);
	bool parts[SNP_TCB_PARTS], any = false, low = false;

	tcb_parts(r, parts);
	tcb_text(k->actual, "", &r->tcb[which], parts);
	for (int i = 0; i < SNP_TCB_PARTS; i++) {
		any = any || x->min_tcb_set[i];
		if (x->min_tcb_set[i] &&
		    (!parts[i] || r->tcb[which].v[i] < x->min_tcb.v[i]))
			low = true;
	}
	if (any)
		tcb_text(k->expected, "at least ", &x->min_tcb, x->min_tcb_set);
	if (!any)
		k->result = SNP_NOT_COMPARED;
	else if (!low)
		k->result = SNP_OK;
}

static void check_guest(struct snp_checks *c, const struct snp_report *r,
			const struct snp_expect *x)
{
	check_measurement(c, r, x);
	check_policy(c, r, x);
	check_bytes(c, "host_data", x->host_data, r->host_data,
		    sizeof(r->host_data));
	check_bytes(c, "report_data", x->report_data, r->report_data,
		    sizeof(r->report_data));
	check_bytes(c, "id_key_digest", x->id_key_digest, r->id_key_digest,
		    sizeof(r->id_key_digest));
	check_author(c, r, x);
	check_bytes(c, "family_id", x->family_id, r->family_id,
		    sizeof(r->family_id));
	check_bytes(c, "image_id", x->image_id, r->image_id,
		    sizeof(r->image_id));
	check_numbers(c, r, x);
}

int snp_report_check(const struct snp_report *r, const struct snp_cert *cert,
		     const struct snp_expect *x, struct snp_checks *out,
		     struct err *e)
{
	int rc;

	out->n = 0;
	check_product(out, r, cert);
	check_key(out, r, cert);
	check_cert_tcb(out, r, cert);
	check_chip(out, r, cert);
	rc = check_signature(out, r, cert, e);
	if (rc)
		return rc;
	check_guest(out, r, x);
	check_min_tcb(out, r, SNP_REPORTED, "reported_tcb", x);
	check_min_tcb(out, r, SNP_COMMITTED, "committed_tcb", x);
	check_min_tcb(out, r, SNP_CURRENT, "current_tcb", x);
	check_min_tcb(out, r, SNP_LAUNCH, "launch_tcb", x);
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].result == SNP_FAILED)
			return err_set(e, RC_MISMATCH, "%s: expected %s, is %s",
				       out->v[i].name, out->v[i].expected,
				       out->v[i].actual);
	return RC_OK;
}
