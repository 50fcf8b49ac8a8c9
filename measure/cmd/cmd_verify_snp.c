/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_verify_snp.c: verify snp: an attestation report against expectations. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "hex.h"
#include "inspect.h"
#include "rd.h"
#include "snp_report.h"

/* The last second of the year 9999, as in a certificate. */
#define MAX_TIME 253402300799ULL

struct options {
	struct cmd_common common;
	struct opt_list measurements;
	struct opt_hex host_data, report_data, id_key, author_key;
	struct opt_hex family_id, image_id;
	struct opt_number policy, require, forbid, guest_svn, vmpl, time;
	bool allow_debug, allow_migration, no_signature;
	const char *min_tcb, *cert, *chain, *report;
};

/* The report, what it must say, and what came of it. */
struct job {
	struct input report, cert, chain;
	uint8_t measurements[OPT_MAX_LIST][SNP_REPORT_DIGEST];
	struct snp_expect expect;
	struct snp_report parsed;
	struct snp_cert key;
	struct snp_checks checks;
};

static int parse(const struct cmd *self, int argc, char **argv,
		 struct options *o)
{
	const struct opt table[] = {
		{"measurement", OPT_LIST, &o->measurements, 0},
		{"id-key-digest", OPT_HEX, &o->id_key, SNP_REPORT_DIGEST},
		{"author-key-digest", OPT_HEX, &o->author_key,
		 SNP_REPORT_DIGEST},
		{"family-id", OPT_HEX, &o->family_id, 16},
		{"image-id", OPT_HEX, &o->image_id, 16},
		{"min-guest-svn", OPT_NUMBER, &o->guest_svn, UINT32_MAX},
		{"report-data", OPT_HEX, &o->report_data, 64},
		{"host-data", OPT_HEX, &o->host_data, 32},
		{"vmpl", OPT_NUMBER, &o->vmpl, 3},
		{"policy", OPT_NUMBER, &o->policy, UINT64_MAX},
		{"policy-require", OPT_NUMBER, &o->require, UINT64_MAX},
		{"policy-forbid", OPT_NUMBER, &o->forbid, UINT64_MAX},
		{"allow-debug", OPT_FLAG, &o->allow_debug, 0},
		{"allow-migration", OPT_FLAG, &o->allow_migration, 0},
		{"min-tcb", OPT_STRING, &o->min_tcb, 0},
		{"cert", OPT_STRING, &o->cert, 0},
		{"chain", OPT_STRING, &o->chain, 0},
		{"time", OPT_NUMBER, &o->time, MAX_TIME},
		{"no-signature", OPT_FLAG, &o->no_signature, 0},
		{NULL, OPT_FLAG, NULL, 0},
	};
	size_t n = 0;
	int code = opt_parse(self, table, argc, argv, &o->common, &o->report, 1,
			     &n);

	if (code == OPT_DONE && n == 0)
		return cmd_usage(self, "no report is given");
	return code;
}

static bool is_zero(const struct opt_hex *h)
{
	struct rd r = rd_of(h->b, SNP_REPORT_DIGEST);

	return rd_zero(&r, SNP_REPORT_DIGEST);
}

/* What would otherwise pass without having proven anything. */
static int check_options(const struct cmd *self, const struct options *o)
{
	if (!o->cert && !o->no_signature)
		return cmd_usage(self, "give the certificate of the key that "
				       "signed the report (--cert), or "
				       "--no-signature");
	if (o->no_signature && (o->cert || o->chain || o->time.set))
		return cmd_usage(self,
				 "--no-signature excludes --cert, --chain and "
				 "--time");
	/* Zeros are what every guest without an ID block has. */
	if (o->measurements.n == 0 &&
	    !(o->id_key.set && !is_zero(&o->id_key)) &&
	    !(o->author_key.set && !is_zero(&o->author_key)))
		return cmd_usage(self, "nothing says which guest is expected: "
				       "give --measurement, --id-key-digest "
				       "or --author-key-digest, and not of "
				       "zeros alone");
	return OPT_DONE;
}

/* One "name=N" of --min-tcb. */
static int tcb_part(const struct cmd *self, const char *word,
		    struct snp_expect *x)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	uint64_t v;

	for (int i = 0; i < SNP_TCB_PARTS; i++) {
		const char *name = snp_tcb_part_name((enum snp_tcb_part)i);

		if (strlen(name) != len || strncmp(name, word, len) != 0)
			continue;
		if (x->min_tcb_set[i])
			return cmd_usage(self, "--min-tcb: %s is given twice",
					 name);
		if (!equals || !opt_number(equals + 1, UINT8_MAX, &v))
			return cmd_usage(self,
					 "--min-tcb: '%s' is not %s=N with N "
					 "from 0 to 255",
					 word, name);
		x->min_tcb.v[i] = (uint8_t)v;
		x->min_tcb_set[i] = true;
		return OPT_DONE;
	}
	return cmd_usage(self,
			 "--min-tcb: '%s' is none of fmc=N, bootloader=N, "
			 "tee=N, snp=N and microcode=N",
			 word);
}

static int min_tcb(const struct cmd *self, const char *text,
		   struct snp_expect *x)
{
	char words[128], *rest = words, *word;
	int code = OPT_DONE;

	if (!text)
		return OPT_DONE;
	if (strlen(text) >= sizeof(words))
		return cmd_usage(self, "--min-tcb: longer than %zu bytes",
				 sizeof(words) - 1);
	memcpy(words, text, strlen(text) + 1);
	while (code == OPT_DONE && (word = strsep(&rest, ",")))
		code = tcb_part(self, word, x);
	return code;
}

static const uint8_t *bytes(const struct opt_hex *h)
{
	return h->set ? h->b : NULL;
}

static int expect(const struct cmd *self, const struct options *o,
		  struct job *j)
{
	j->expect = (struct snp_expect){
		.measurements = j->measurements,
		.nr_measurements = o->measurements.n,
		.host_data = bytes(&o->host_data),
		.report_data = bytes(&o->report_data),
		.id_key_digest = bytes(&o->id_key),
		.author_key_digest = bytes(&o->author_key),
		.family_id = bytes(&o->family_id),
		.image_id = bytes(&o->image_id),
		.policy = o->policy.set ? &o->policy.v : NULL,
		.policy_require = o->require.v,
		.policy_forbid = o->forbid.v,
		.allow_debug = o->allow_debug,
		.allow_migration = o->allow_migration,
		.vmpl = (uint32_t)o->vmpl.v,
		.min_guest_svn = (uint32_t)o->guest_svn.v,
	};
	for (size_t i = 0; i < o->measurements.n; i++)
		if (!hex_parse(o->measurements.v[i], j->measurements[i],
			       SNP_REPORT_DIGEST))
			return cmd_usage(self,
					 "--measurement: '%s' is not %d bytes "
					 "in hex",
					 o->measurements.v[i],
					 SNP_REPORT_DIGEST);
	return min_tcb(self, o->min_tcb, &j->expect);
}

static int load(const struct options *o, struct job *j, struct err *e)
{
	int rc = input_load(&j->report, INPUT_REPORT, o->report, e);

	if (!rc)
		rc = input_load(&j->cert, INPUT_CERT, o->cert, e);
	if (!rc)
		rc = input_load(&j->chain, INPUT_CERT, o->chain, e);
	return rc;
}

/* Tools that know more of a report than its bytes hand it out as JSON. */
static bool looks_like_json(const struct input *in)
{
	size_t i = 0;

	while (i < in->len && strchr(" \t\r\n", in->data[i]) && in->data[i])
		i++;
	return i < in->len && in->data[i] == '{';
}

static int read_report(struct job *j, struct err *e)
{
	const struct input *in = &j->report;
	struct err why = {""};
	int rc = snp_report_parse(in->data, in->len, &j->parsed, &why);

	if (rc && in->len != SNP_REPORT_SIZE && looks_like_json(in))
		return err_set(e, rc,
			       "%s: %s: a raw report is needed, and this looks "
			       "like JSON",
			       in->path, why.msg);
	return inspect_refuse(rc, in->path, &why, e);
}

static int read_certificates(const struct snp_cert_files *files, struct job *j,
			     struct err *e)
{
	static const char *const hints[] = {
		[SNP_CERT_OTHER] = "",
		[SNP_CERT_CHAIN_FILE] = "",
		[SNP_CERT_NO_ISSUER] = ": give ASK and ARK with --chain",
		[SNP_CERT_TIME] = ": --time says when it has to be valid",
	};
	struct err why = {""};
	int rc = snp_cert_verify(files, &j->key, &why);
	enum snp_cert_fault fault = j->key.fault;

	if (!rc)
		return rc;
	return err_set(e, rc, "%s: %s%s",
		       fault == SNP_CERT_CHAIN_FILE ? j->chain.path
						    : j->cert.path,
		       why.msg, hints[fault]);
}

/* Reads report and certificates; *key stays NULL without certificates. */
static int read_inputs(const struct options *o, struct job *j,
		       const struct snp_cert **key, struct err *e)
{
	struct snp_cert_files files = {
		.cert = j->cert.data,
		.cert_len = j->cert.len,
		.chain = j->chain.data,
		.chain_len = j->chain.len,
		.time = o->time.set ? (int64_t)o->time.v : (int64_t)time(NULL),
	};
	int rc = read_report(j, e);

	files.roots = snp_amd_roots(&files.nr_roots);
	if (!rc && o->cert) {
		rc = read_certificates(&files, j, e);
		*key = &j->key;
	}
	if (rc)
		return rc;
	rc = snp_report_product(&j->parsed,
				*key ? j->key.product : SNP_PRODUCT_UNKNOWN, e);
	return inspect_refuse(rc, j->report.path, e, e);
}

static bool failed(const struct snp_checks *checks, const char *name)
{
	for (size_t i = 0; i < checks->n; i++)
		if (strcmp(checks->v[i].name, name) == 0)
			return checks->v[i].result == SNP_FAILED;
	return false;
}

static void print_text(FILE *f, const struct job *j, bool signature)
{
	if (!signature)
		fputs("THE SIGNATURE IS NOT VERIFIED: anybody can have written "
		      "this report\n",
		      f);
	fprintf(f, "report        version %" PRIu32 ", processor %s\n",
		j->parsed.version, snp_product_name(j->parsed.product));
	for (size_t i = 0; i < j->checks.n; i++) {
		const struct snp_check *k = &j->checks.v[i];

		fprintf(f, "%-12s  %-17s  %s\n", snp_result_name(k->result),
			k->name, k->actual);
		if (k->result == SNP_FAILED)
			fprintf(f, "%-12s  %-17s  %s\n", "", "  expected",
				k->expected);
	}
	if (failed(&j->checks, "measurement"))
		fputs("mote-measure identify says what launch a digest belongs "
		      "to\n",
		      f);
}

static json_t *json_checks(const struct snp_checks *checks)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < checks->n; i++) {
		const struct snp_check *k = &checks->v[i];
		bool compared = k->result != SNP_NOT_COMPARED;
		json_t *one = json_pack(
			"{s:s, s:s, s:s?, s:s}", "name", k->name, "result",
			snp_result_name(k->result), "expected",
			compared ? k->expected : NULL, "actual", k->actual);

		if (json_array_append_new(list, one)) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static json_t *json_result(const struct job *j, bool ok, bool signature)
{
	/* "o" takes over its values, also when it fails. */
	return json_pack("{s:s, s:b, s:b, s:o, s:o, s:o, s:I, s:s, s:o, s:o}",
			 "schema", "mote-verify-snp-1", "ok", ok,
			 "signature_verified", signature, "report",
			 inspect_file_json(&j->report), "certificate",
			 inspect_file_json(&j->cert), "chain",
			 inspect_file_json(&j->chain), "version",
			 (json_int_t)j->parsed.version, "product",
			 snp_product_name(j->parsed.product), "platform_info",
			 cmd_json_number(j->parsed.platform_info), "checks",
			 json_checks(&j->checks));
}

/* Prints every check, also of a report that failed; 0 or an exit status. */
static int print(const struct options *o, const struct job *j, bool ok,
		 bool signature)
{
	struct cmd_out out;
	struct err e = {""};
	int rc;

	if (o->common.quiet)
		return 0;
	rc = cmd_out_begin(&out, &e);
	if (rc)
		return cmd_fail(rc, &e);
	if (o->common.json)
		rc = cmd_out_json(&out, json_result(j, ok, signature), &e);
	else
		print_text(out.f, j, signature);
	if (!rc)
		return cmd_out_end(&out, &o->common);
	cmd_out_drop(&out);
	return cmd_fail(rc, &e);
}

static int verify(const struct options *o, struct job *j)
{
	const struct snp_cert *key = NULL;
	struct err e = {""};
	int rc = load(o, j, &e), code;
	bool signature;

	if (!rc)
		rc = read_inputs(o, j, &key, &e);
	if (rc)
		return cmd_fail(rc, &e);
	rc = snp_report_check(&j->parsed, key, &j->expect, &j->checks, &e);
	if (rc && rc != RC_MISMATCH)
		return cmd_fail(inspect_refuse(rc, o->report, &e, &e), &e);
	signature = key && snp_checks_ok(&j->checks, "signature");
	code = print(o, j, !rc, signature);
	if (code)
		return code;
	if (rc)
		return cmd_fail(inspect_refuse(rc, o->report, &e, &e), &e);
	if (!signature)
		cmd_warn("%s: the signature of the report is not verified",
			 o->report);
	return 0;
}

static int run(const struct cmd *self, int argc, char **argv)
{
	struct options o = {.report = NULL};
	static struct job j; /* too large for a stack */
	int code = parse(self, argc, argv, &o);

	if (code == OPT_DONE)
		code = check_options(self, &o);
	if (code == OPT_DONE)
		code = expect(self, &o, &j);
	if (code != OPT_DONE)
		return code;
	code = verify(&o, &j);
	input_free(&j.report);
	input_free(&j.cert);
	input_free(&j.chain);
	return code;
}

const struct cmd cmd_verify_snp = {
	"verify snp",
	"compare an SNP attestation report with expected values",
	"usage: mote-measure verify snp --cert FILE [--chain FILE] "
	"EXPECTED... REPORT\n"
	"       mote-measure verify snp --no-signature EXPECTED... REPORT\n\n"
	"REPORT is a raw attestation report (1184 bytes, version 2 to 5).\n\n"
	"Who signed it\n"
	"  --cert FILE              VCEK or VLEK, DER or PEM\n"
	"  --chain FILE             certificates above it, PEM, in any order\n"
	"  --time SECONDS           when they must be valid, since 1970; now\n"
	"  --no-signature           do not verify who signed the report\n\n"
	"What it must say; one of the first three is needed\n"
	"  --measurement HEX        launch digest; again: any one of them\n"
	"  --id-key-digest HEX      of the key that signed the ID block\n"
	"  --author-key-digest HEX  of the key that signed the ID key\n"
	"  --family-id HEX          of the ID block\n"
	"  --image-id HEX           of the ID block\n"
	"  --min-guest-svn N        of the ID block\n"
	"  --report-data HEX        64 bytes of the guest\n"
	"  --host-data HEX          32 bytes of the host\n"
	"  --vmpl N                 privilege level that asked for it; 0\n"
	"  --policy N               exactly this guest policy\n"
	"  --policy-require N       these bits of the policy are 1\n"
	"  --policy-forbid N        these bits of the policy are 0\n"
	"  --allow-debug            the policy may allow debugging\n"
	"  --allow-migration        the policy may allow a migration agent\n"
	"  --min-tcb NAME=N,...     least version of fmc, bootloader, tee, "
	"snp\n"
	"                           and microcode in each TCB of the report\n\n"
	"  --json, --quiet, --output FILE, --help\n",
	run,
};
