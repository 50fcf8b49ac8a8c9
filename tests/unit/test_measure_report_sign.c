/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_report_sign.c: signatures, and what a certificate is for. */
#include "test_measure_report.h"

static struct recipe cooked; /* too large for a stack */

static void test_every_version(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_checks checks;
	struct err e = {""};

	(void)state;
	for (int p = SNP_MILAN; p <= SNP_TURIN; p++)
		for (int vlek = 0; vlek <= 1; vlek++) {
			recipe(&cooked, (enum snp_product)p, vlek);
			cook(&cooked);
			for (uint32_t v = 2; v <= 5; v++) {
				make_report(report, v, (enum snp_product)p,
					    vlek);
				assert_int_equal(
					verify(&cooked, report, &checks, &e),
					RC_OK);
				assert_true(
					snp_checks_ok(&checks, "signature"));
				assert_true(
					snp_checks_ok(&checks, "signing_key"));
				assert_true(snp_checks_ok(&checks,
							  "certificate_tcb"));
				assert_int_equal(
					snp_checks_ok(&checks, "chip_id"),
					!vlek);
			}
		}
}

/* Any bit below the signature, and any bit of it that a number can have. */
static void test_signature_bits(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_report r = {.bytes = report};
	struct snp_cert cert;
	struct err e;

	(void)state;
	recipe(&cooked, SNP_MILAN, false);
	cook(&cooked);
	make_report(report, 3, SNP_MILAN, false);
	assert_int_equal(snp_cert_verify(&cooked.files, &cert, &e), RC_OK);
	assert_int_equal(snp_report_signature(&r, &cert, &e), RC_OK);
	for (size_t bit = 0; bit < 8 * (SNP_REPORT_SIGNED + 144); bit += 13) {
		report[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_equal(snp_report_signature(&r, &cert, &e),
				 RC_MISMATCH);
		report[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_string_equal(e.msg, "signature: not made by the key of the "
				   "certificate");
	sign_report(report, other_key);
	assert_int_equal(snp_report_signature(&r, &cert, &e), RC_MISMATCH);
	memset(report + SNP_REPORT_SIGNED, 0, 144); /* MASK_CHIP_KEY */
	assert_int_equal(snp_report_signature(&r, &cert, &e), RC_MISMATCH);
	memset(report + SNP_REPORT_SIGNED, 0xff, 144);
	assert_int_equal(snp_report_signature(&r, &cert, &e), RC_MISMATCH);
	/* A key that is none is a fault of the environment. */
	cert.spki_len = 0;
	assert_int_equal(snp_report_signature(&r, &cert, &e), RC_IO);
}

/* The report is right, but not for this certificate. */
static void test_other_key(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_checks checks;
	struct err e;

	(void)state;
	recipe(&cooked, SNP_MILAN, true);
	cook(&cooked);
	make_report(report, 3, SNP_MILAN, false);
	assert_int_equal(verify(&cooked, report, &checks, &e), RC_MISMATCH);
	assert_string_equal(e.msg, "signing_key: expected VLEK, is VCEK");
	recipe(&cooked, SNP_MILAN, false);
	cook(&cooked);
	make_report(report, 3, SNP_MILAN, true);
	assert_int_equal(verify(&cooked, report, &checks, &e), RC_MISMATCH);
	assert_string_equal(e.msg, "signing_key: expected VCEK, is VLEK");
	report[0x48] = 7 << 2;
	assert_int_equal(verify(&cooked, report, &checks, &e), RC_MISMATCH);
	assert_string_equal(e.msg, "signing_key: expected VCEK, is none");
	make_report(report, 3, SNP_GENOA, false);
	assert_int_equal(verify(&cooked, report, &checks, &e), RC_MISMATCH);
	assert_string_equal(e.msg, "product: expected Milan, is Genoa");
	assert_string_equal(checks.v[0].name, "product");
	assert_int_equal(checks.v[0].result, SNP_FAILED);
	/* The others are made too: the last one is of the launch TCB. */
	assert_true(snp_checks_ok(&checks, "signing_key"));
	assert_string_equal(checks.v[checks.n - 1].name, "launch_tcb");
	/* Turin reads TCBs otherwise; that is by the report. */
	make_report(report, 3, SNP_TURIN, false);
	assert_int_equal(verify(&cooked, report, &checks, &e), RC_MISMATCH);
	assert_string_equal(e.msg, "product: expected Milan, is Turin");
	/* Version 2 does not say what it is of. */
	make_report(report, 2, SNP_MILAN, false);
	assert_int_equal(verify(&cooked, report, &checks, &e), RC_OK);
	assert_string_equal(checks.v[0].name, "product");
	assert_int_equal(checks.v[0].result, SNP_NOT_COMPARED);
}

/* Each part of REPORTED_TCB above and below the certificate's. */
static void test_other_tcb(void **state)
{
	static const size_t parts[] = {0x180, 0x181, 0x182, 0x183, 0x187};
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_checks checks;
	struct err e;

	(void)state;
	recipe(&cooked, SNP_TURIN, false);
	cook(&cooked);
	for (size_t i = 0; i < COUNT(parts); i++)
		for (int add = -1; add <= 1; add += 2) {
			make_report(report, 3, SNP_TURIN, false);
			report[parts[i]] = (uint8_t)(report[parts[i]] + add);
			sign_report(report, vek_key);
			assert_int_equal(verify(&cooked, report, &checks, &e),
					 RC_MISMATCH);
			assert_false(snp_checks_ok(&checks, "certificate_tcb"));
			assert_true(snp_checks_ok(&checks, "signature"));
		}
	assert_string_equal(e.msg,
			    "certificate_tcb: expected "
			    "fmc=1,bootloader=2,tee=3,snp=4,microcode=213, is "
			    "fmc=1,bootloader=2,tee=3,snp=4,microcode=214");
}

static void test_other_chip(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_checks checks;
	struct err e;

	(void)state;
	recipe(&cooked, SNP_TURIN, false);
	cook(&cooked);
	for (size_t i = 0; i < SNP_CHIP_ID; i++) {
		make_report(report, 3, SNP_TURIN, false);
		report[0x1a0 + i] ^= 1;
		sign_report(report, vek_key);
		assert_int_equal(verify(&cooked, report, &checks, &e),
				 RC_MISMATCH);
		assert_false(snp_checks_ok(&checks, "chip_id"));
		assert_true(snp_checks_ok(&checks, "signature"));
	}
	memset(report + 0x1a0, 0, SNP_CHIP_ID); /* masked by the host */
	sign_report(report, vek_key);
	assert_int_equal(verify(&cooked, report, &checks, &e), RC_OK);
	assert_false(snp_checks_ok(&checks, "chip_id"));
}

/* An extension that is left out, replaced or added (empty: left out). */
static const struct {
	enum snp_product product;
	bool vlek;
	const char *oid;
	uint8_t value[8];
	size_t len;
	int rc;
	const char *message;
} extensions[] = {
	{SNP_MILAN, false, AMD "1", "", 0, RC_FORMAT,
	 "certificate: a VCEK for Milan without extension structVersion"},
	{SNP_MILAN, false, AMD "1", "\2\1\2", 3, RC_FORMAT,
	 "certificate: extension structVersion is not an integer from 0 to 1"},
	{SNP_MILAN, false, AMD "2", "", 0, RC_FORMAT,
	 "certificate: a VCEK for Milan without extension productName"},
	{SNP_MILAN, false, AMD "2", "\x16\5Genoa", 7, RC_FORMAT,
	 "certificate: product Genoa, but it is signed for Milan"},
	{SNP_MILAN, false, AMD "2", "\x16\4Mila", 6, RC_FORMAT,
	 "certificate: product Mila, but it is signed for Milan"},
	{SNP_MILAN, false, AMD "2", "\x16\6Milanx", 8, RC_FORMAT,
	 "certificate: product Milanx, but it is signed for Milan"},
	{SNP_MILAN, false, AMD "2", "\x0c\5Milan", 7, RC_FORMAT,
	 "certificate: extension productName is not a short string"},
	{SNP_MILAN, false, AMD "2", "\x16\5Mil\0n", 7, RC_FORMAT,
	 "certificate: extension productName is not a short string"},
	{SNP_MILAN, false, AMD "2", "\x16\0", 2, RC_FORMAT,
	 "certificate: extension productName is not a short string"},
	{SNP_MILAN, false, AMD "3.1", "", 0, RC_FORMAT,
	 "certificate: a VCEK for Milan without extension blSPL"},
	{SNP_MILAN, false, AMD "3.2", "", 0, RC_FORMAT,
	 "certificate: a VCEK for Milan without extension teeSPL"},
	{SNP_MILAN, true, AMD "3.3", "", 0, RC_FORMAT,
	 "certificate: a VLEK for Milan without extension snpSPL"},
	{SNP_MILAN, false, AMD "3.8", "", 0, RC_FORMAT,
	 "certificate: a VCEK for Milan without extension ucodeSPL"},
	{SNP_MILAN, false, AMD "3.8", "\2\2\1\0", 4, RC_FORMAT,
	 "certificate: extension ucodeSPL is not an integer from 0 to 255"},
	{SNP_MILAN, false, AMD "3.8", "\2\1\xff", 3, RC_FORMAT,
	 "certificate: extension ucodeSPL is not an integer from 0 to 255"},
	{SNP_MILAN, false, AMD "3.8", "\2\1\1\0", 4, RC_FORMAT,
	 "certificate: extension ucodeSPL is not an integer from 0 to 255"},
	{SNP_MILAN, false, AMD "3.8", "\2\4\1", 3, RC_FORMAT,
	 "certificate: extension ucodeSPL is not an integer from 0 to 255"},
	{SNP_MILAN, false, AMD "3.8", "\4\1\1", 3, RC_FORMAT,
	 "certificate: extension ucodeSPL is not an integer from 0 to 255"},
	{SNP_MILAN, false, AMD "3.4", "\2\1\1", 3, RC_FORMAT,
	 "certificate: extension spl4 is not an integer from 0 to 0"},
	{SNP_MILAN, false, AMD "3.7", "\2\1\1", 3, RC_FORMAT,
	 "certificate: extension spl7 is not an integer from 0 to 0"},
	{SNP_MILAN, false, AMD "3.9", "\2\1\0", 3, RC_FORMAT,
	 "certificate: a VCEK for Milan with extension fmcSPL"},
	{SNP_TURIN, false, AMD "3.9", "", 0, RC_FORMAT,
	 "certificate: a VCEK for Turin without extension fmcSPL"},
	{SNP_MILAN, false, AMD "3.10", "\2\1\0", 3, RC_UNSUPPORTED,
	 "certificate: extension 1.3.6.1.4.1.3704.1.3.10 is not known"},
	{SNP_MILAN, false, AMD "6", "\2\1\0", 3, RC_UNSUPPORTED,
	 "certificate: extension 1.3.6.1.4.1.3704.1.6 is not known"},
	{SNP_MILAN, false, AMD "4", "", 0, RC_FORMAT,
	 "certificate: a VCEK for Milan without extension hwID"},
	{SNP_MILAN, false, AMD "4", "12345678", 8, RC_FORMAT,
	 "certificate: extension hwID is not 64 bytes"},
	{SNP_MILAN, false, AMD "4", "\4\5hello", 7, RC_FORMAT,
	 "certificate: extension hwID is not 64 bytes"},
	{SNP_TURIN, false, AMD "4", "1234567", 7, RC_FORMAT,
	 "certificate: extension hwID is not 8 or 64 bytes"},
	{SNP_MILAN, false, AMD "5", "\x16\1c", 3, RC_FORMAT,
	 "certificate: a VCEK for Milan with extension cspID"},
	{SNP_MILAN, true, AMD "5", "", 0, RC_FORMAT,
	 "certificate: a VLEK for Milan without extension cspID"},
	{SNP_MILAN, true, AMD "5", "\2\1\0", 3, RC_FORMAT,
	 "certificate: extension cspID is not a short string"},
	/* Others than AMD's do not matter unless they are critical. */
	{SNP_MILAN, false, "1.3.6.1.4.1.3704.2.1", "\2\1\0", 3, RC_OK, ""},
	/* Reserved parts may be absent, as Turin's fourth is. */
	{SNP_MILAN, false, AMD "3.4", "", 0, RC_OK, ""},
};

/* Takes the place of the extension with this OID. */
static void replace(struct recipe *c, const char *oid, const uint8_t *value,
		    size_t len)
{
	size_t i = 0;

	while (i < c->nr_ext && strcmp(c->ext[i].oid, oid) != 0)
		i++;
	if (i < c->nr_ext)
		c->ext[i] = c->ext[--c->nr_ext];
	if (len > 0)
		add_ext(c, oid, value, len);
}

static void test_extensions(void **state)
{
	struct snp_cert cert;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(extensions); i++) {
		e.msg[0] = '\0';
		recipe(&cooked, extensions[i].product, extensions[i].vlek);
		replace(&cooked, extensions[i].oid, extensions[i].value,
			extensions[i].len);
		cook(&cooked);
		assert_int_equal(snp_cert_verify(&cooked.files, &cert, &e),
				 extensions[i].rc);
		assert_string_equal(e.msg, extensions[i].message);
	}
}

static void test_extension_twice(void **state)
{
	struct snp_cert cert;
	struct err e;

	(void)state;
	recipe(&cooked, SNP_MILAN, false);
	add_number(&cooked, AMD "3.8", 0xff);
	cook(&cooked);
	assert_int_equal(snp_cert_verify(&cooked.files, &cert, &e), RC_FORMAT);
	assert_string_equal(e.msg,
			    "certificate: extension ucodeSPL is there twice");
}

static void test_extension_critical(void **state)
{
	struct snp_cert cert;
	struct err e;

	(void)state;
	recipe(&cooked, SNP_MILAN, false);
	add_number(&cooked, "1.3.6.1.4.1.3704.2.1", 0);
	cooked.ext[cooked.nr_ext - 1].critical = true;
	cook(&cooked);
	assert_int_equal(snp_cert_verify(&cooked.files, &cert, &e), RC_FORMAT);
	assert_string_equal(e.msg, "certificate SEV-VCEK: unhandled critical "
				   "extension");
}

/* The same chip id as an OCTET STRING inside of the extension. */
static void test_hwid_forms(void **state)
{
	uint8_t report[SNP_REPORT_SIZE], value[66] = {4};
	struct snp_checks checks;
	struct err e;

	(void)state;
	for (int p = SNP_MILAN; p <= SNP_TURIN; p++)
		for (uint8_t n = 8; n <= 64; n = (uint8_t)(n + 56)) {
			if (n == 8 && p != SNP_TURIN)
				continue;
			recipe(&cooked, (enum snp_product)p, false);
			value[1] = n;
			chip_id(value + 2, p == SNP_TURIN);
			replace(&cooked, AMD "4", value, 2U + n);
			cook(&cooked);
			make_report(report, 4, (enum snp_product)p, false);
			assert_int_equal(verify(&cooked, report, &checks, &e),
					 RC_OK);
			assert_true(snp_checks_ok(&checks, "chip_id"));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_version),
		cmocka_unit_test(test_signature_bits),
		cmocka_unit_test(test_other_key),
		cmocka_unit_test(test_other_tcb),
		cmocka_unit_test(test_other_chip),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_extension_twice),
		cmocka_unit_test(test_extension_critical),
		cmocka_unit_test(test_hwid_forms),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
