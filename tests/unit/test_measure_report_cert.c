/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_report_cert.c: files and chains of certificates. */
#include "test_measure_report.h"

static struct recipe cooked; /* too large for a stack */

/* Ways to hand over the same certificates. */
static void test_files(void **state)
{
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_checks checks;
	struct err e;

	(void)state;
	make_report(report, 3, SNP_GENOA, false);
	for (int i = 0; i < 8; i++) {
		recipe(&cooked, SNP_GENOA, false);
		cooked.pem = i & 1;
		cooked.reversed = i & 2;
		cooked.all_in_one = i & 4;
		cook(&cooked);
		assert_int_equal(verify(&cooked, report, &checks, &e), RC_OK);
	}
}

/* What may be wrong with certificates. */
static void garbage(struct recipe *c)
{
	c->files.cert_len = 5;
	memcpy(c->cert, "\x30\x03\x02\x01\x00", 5);
}

static void garbage_text(struct recipe *c)
{
	c->files.cert_len = 7;
	memcpy(c->cert, "nothing", 7);
}

static void empty(struct recipe *c)
{
	c->files.cert_len = 0;
}

static void trailing(struct recipe *c)
{
	c->cert[c->files.cert_len++] = 0;
}

static void damaged_pem(struct recipe *c)
{
	c->chain[200] = '*';
}

static void cut_pem(struct recipe *c)
{
	c->files.chain_len -= 30;
}

static void empty_chain(struct recipe *c)
{
	c->files.chain_len = 0;
}

static void no_chain(struct recipe *c)
{
	c->files.chain = NULL;
}

static void too_many(struct recipe *c)
{
	uint8_t one[4096];
	size_t len = 0;
	const unsigned char *p = c->cert;
	X509 *x = d2i_X509(NULL, &p, (long)c->files.cert_len);

	assert_non_null(x);
	append(one, &len, x);
	X509_free(x);
	while (c->files.chain_len + len <= MAX_FILE) {
		memcpy(c->chain + c->files.chain_len, one, len);
		c->files.chain_len += len;
	}
}

static void no_roots(struct recipe *c)
{
	c->files.nr_roots = 0;
}

static void root_of_other(struct recipe *c)
{
	memcpy(c->roots[0].spki, c->roots[1].spki, SNP_REPORT_DIGEST);
	c->files.nr_roots = 1;
}

static void before_all(struct recipe *c)
{
	c->files.time = NOW - 2 * YEAR;
}

static void after_all(struct recipe *c)
{
	c->files.time = NOW + 2 * YEAR;
}

/* Changes before the certificates are made. */
static void other_root(struct recipe *c)
{
	c->ark.key = c->ark.signer = c->ask.signer = small;
}

static void root_by_other(struct recipe *c)
{
	c->ark.signer = ask_key;
}

static void ask_by_other(struct recipe *c)
{
	c->ask.signer = ask_key;
}

static void vek_by_other(struct recipe *c)
{
	c->vek.signer = root_key;
}

static void vek_by_root(struct recipe *c)
{
	c->vek.signer = root_key;
	c->vek.issuer = "ARK-Milan";
}

static void no_ask(struct recipe *c)
{
	c->no_ask = true;
}

static void no_ark(struct recipe *c)
{
	c->no_ark = true;
}

static void other_ask(struct recipe *c)
{
	c->ask.cn = "SEV-Genoa";
}

static void vlek_ask(struct recipe *c)
{
	c->ask.cn = c->vek.issuer = "SEV-VLEK-Milan";
}

static void genoa_ask(struct recipe *c)
{
	c->ask.cn = c->vek.issuer = "SEV-Genoa";
}

static void other_name(struct recipe *c)
{
	c->vek.cn = "VCEK";
}

static void no_name(struct recipe *c)
{
	c->vek.cn = NULL;
}

static void ask_no_ca(struct recipe *c)
{
	c->ask.ca = false;
}

static void small_ask(struct recipe *c)
{
	c->ask.key = c->vek.signer = small;
}

static void expired_vek(struct recipe *c)
{
	c->vek.to = NOW - 1;
}

static void future_vek(struct recipe *c)
{
	c->vek.from = NOW + 1;
}

static void expired_ask(struct recipe *c)
{
	c->ask.to = NOW - 1;
}

static void expired_ark(struct recipe *c)
{
	c->ark.to = NOW - 1;
}

static void pkcs1_vek(struct recipe *c)
{
	c->vek.pkcs1 = true;
}

static void sha256_ask(struct recipe *c)
{
	c->ask.md = c->ask.mgf = EVP_sha256();
	c->ask.salt = 32;
}

static void mgf_vek(struct recipe *c)
{
	c->vek.mgf = EVP_sha1();
}

static void salt_vek(struct recipe *c)
{
	c->vek.salt = 20;
}

static void p256_vek(struct recipe *c)
{
	c->vek.key = p256_key;
}

static void rsa_vek(struct recipe *c)
{
	c->vek.key = small;
}

static void other_block(struct recipe *c)
{
	c->extra = "-----BEGIN PUBLIC KEY-----\nAAAA\n"
		   "-----END PUBLIC KEY-----\n";
}

static void block_header(struct recipe *c)
{
	c->extra = "-----BEGIN CERTIFICATE-----\nX: y\n\nAAAA\n"
		   "-----END CERTIFICATE-----\n";
}

static const struct {
	void (*before)(struct recipe *c);
	void (*after)(struct recipe *c);
	int rc;
	const char *message;
} refused[] = {
	{NULL, garbage, RC_FORMAT, "certificate: not an X.509 certificate"},
	{NULL, garbage_text, RC_FORMAT, "certificate: no certificate in it"},
	{NULL, empty, RC_FORMAT, "certificate: no certificate in it"},
	{NULL, trailing, RC_FORMAT, "certificate: 1 bytes behind its end"},
	{NULL, damaged_pem, RC_FORMAT, "certificates: a PEM block is damaged"},
	{NULL, cut_pem, RC_FORMAT, "certificates: a PEM block is damaged"},
	{NULL, empty_chain, RC_FORMAT, "chain: no certificate in it"},
	{NULL, too_many, RC_LIMIT, "more than 16 certificates"},
	{other_block, NULL, RC_FORMAT,
	 "certificates: a PEM block is \"PUBLIC KEY\""},
	{block_header, NULL, RC_FORMAT,
	 "certificates: a PEM block has a header"},
	{NULL, no_chain, RC_FORMAT,
	 "certificates: none of the 1 has the key of an AMD root (ARK)"},
	{NULL, no_roots, RC_FORMAT,
	 "certificates: none of the 3 has the key of an AMD root (ARK)"},
	{other_root, NULL, RC_FORMAT,
	 "certificates: none of the 3 has the key of an AMD root (ARK)"},
	{no_ark, NULL, RC_FORMAT,
	 "certificates: none of the 2 has the key of an AMD root (ARK)"},
	{root_by_other, NULL, RC_FORMAT,
	 "certificate ARK-Milan: certificate signature failure"},
	{NULL, root_of_other, RC_FORMAT,
	 "certificate SEV-VCEK: signed by SEV-Milan instead of SEV-Genoa"},
	{no_ask, NULL, RC_FORMAT,
	 "certificate SEV-VCEK: the certificate of its issuer SEV-Milan is not "
	 "given"},
	{other_ask, NULL, RC_FORMAT,
	 "certificate SEV-VCEK: the certificate of its issuer SEV-Milan is not "
	 "given"},
	{ask_by_other, NULL, RC_FORMAT,
	 "certificate SEV-Milan: certificate signature failure"},
	{vek_by_other, NULL, RC_FORMAT,
	 "certificate SEV-VCEK: certificate signature failure"},
	{vek_by_root, NULL, RC_FORMAT,
	 "certificates: a chain of 2 instead of 3"},
	{vlek_ask, NULL, RC_FORMAT,
	 "certificate SEV-VCEK: signed by SEV-VLEK-Milan instead of SEV-Milan"},
	{genoa_ask, NULL, RC_FORMAT,
	 "certificate SEV-VCEK: signed by SEV-Genoa instead of SEV-Milan"},
	{other_name, NULL, RC_UNSUPPORTED,
	 "certificate VCEK: neither SEV-VCEK nor SEV-VLEK"},
	{no_name, NULL, RC_FORMAT,
	 "certificate: a name without exactly one common name in ASCII"},
	{ask_no_ca, NULL, RC_FORMAT,
	 "certificate SEV-Milan: invalid CA certificate"},
	{small_ask, NULL, RC_UNSUPPORTED,
	 "certificate SEV-Milan: its key is not RSA with 4096 bits"},
	{expired_vek, NULL, RC_FORMAT,
	 "certificate SEV-VCEK: certificate has expired "
	 "(notAfter 2023-11-14 22:13:19 UTC)"},
	{future_vek, NULL, RC_FORMAT,
	 "certificate SEV-VCEK: certificate is not yet valid "
	 "(notBefore 2023-11-14 22:13:21 UTC)"},
	{expired_ask, NULL, RC_FORMAT,
	 "certificate SEV-Milan: certificate has expired "
	 "(notAfter 2023-11-14 22:13:19 UTC)"},
	{expired_ark, NULL, RC_FORMAT,
	 "certificate ARK-Milan: certificate has expired "
	 "(notAfter 2023-11-14 22:13:19 UTC)"},
	{NULL, before_all, RC_FORMAT,
	 "certificate ARK-Milan: certificate is not yet valid "
	 "(notBefore 2022-11-14 22:13:20 UTC)"},
	{NULL, after_all, RC_FORMAT,
	 "certificate ARK-Milan: certificate has expired "
	 "(notAfter 2024-11-13 22:13:20 UTC)"},
	{pkcs1_vek, NULL, RC_UNSUPPORTED,
	 "certificate SEV-VCEK: not signed by RSASSA-PSS with SHA-384"},
	{sha256_ask, NULL, RC_UNSUPPORTED,
	 "certificate SEV-Milan: not signed by RSASSA-PSS with SHA-384"},
	{mgf_vek, NULL, RC_UNSUPPORTED,
	 "certificate SEV-VCEK: not signed by RSASSA-PSS with SHA-384"},
	{salt_vek, NULL, RC_UNSUPPORTED,
	 "certificate SEV-VCEK: not signed by RSASSA-PSS with SHA-384"},
	{p256_vek, NULL, RC_UNSUPPORTED,
	 "certificate SEV-VCEK: its key is not on the curve P-384"},
	{rsa_vek, NULL, RC_UNSUPPORTED,
	 "certificate SEV-VCEK: its key is not on the curve P-384"},
};

static void test_refused(void **state)
{
	struct snp_cert cert;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		e.msg[0] = '\0';
		recipe(&cooked, SNP_MILAN, false);
		if (refused[i].before)
			refused[i].before(&cooked);
		cook(&cooked);
		if (refused[i].after)
			refused[i].after(&cooked);
		assert_int_equal(snp_cert_verify(&cooked.files, &cert, &e),
				 refused[i].rc);
		assert_string_equal(e.msg, refused[i].message);
	}
}

/* What a caller can say more of. */
static void test_faults(void **state)
{
	static const struct {
		void (*before)(struct recipe *c);
		void (*after)(struct recipe *c);
		enum snp_cert_fault fault;
	} rows[] = {
		{NULL, garbage, SNP_CERT_OTHER},
		{NULL, damaged_pem, SNP_CERT_CHAIN_FILE},
		{NULL, empty_chain, SNP_CERT_CHAIN_FILE},
		{NULL, no_chain, SNP_CERT_NO_ISSUER},
		{no_ask, NULL, SNP_CERT_NO_ISSUER},
		{vek_by_other, NULL, SNP_CERT_OTHER},
		{expired_vek, NULL, SNP_CERT_TIME},
		{NULL, before_all, SNP_CERT_TIME},
	};
	struct snp_cert cert;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		recipe(&cooked, SNP_MILAN, false);
		if (rows[i].before)
			rows[i].before(&cooked);
		cook(&cooked);
		if (rows[i].after)
			rows[i].after(&cooked);
		assert_int_not_equal(snp_cert_verify(&cooked.files, &cert, &e),
				     RC_OK);
		assert_int_equal(cert.fault, rows[i].fault);
	}
}

/* What a certificate says gets out of it. */
static void test_contents(void **state)
{
	static const uint8_t want[SNP_TCB_PARTS] = {
		[SNP_TCB_FMC] = 1,	    [SNP_TCB_BOOTLOADER] = 2,
		[SNP_TCB_TEE] = 3,	    [SNP_TCB_SNP] = 4,
		[SNP_TCB_MICROCODE] = 0xd5,
	};
	struct snp_cert cert;
	struct err e;

	(void)state;
	recipe(&cooked, SNP_TURIN, false);
	cook(&cooked);
	assert_int_equal(snp_cert_verify(&cooked.files, &cert, &e), RC_OK);
	assert_int_equal(cert.kind, SNP_VCEK);
	assert_int_equal(cert.product, SNP_TURIN);
	assert_memory_equal(cert.tcb.v, want, sizeof(want));
	assert_int_equal(cert.hwid[7], 0xa8);
	assert_int_equal(cert.hwid[8], 0);
	/* AMD's own roots do not vouch for it. */
	cooked.files.roots = snp_amd_roots(&cooked.files.nr_roots);
	assert_int_equal(snp_cert_verify(&cooked.files, &cert, &e), RC_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_contents),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
