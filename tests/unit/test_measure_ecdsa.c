/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_ecdsa.c: P-384 keys and deterministic signatures. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "ecdsa.h"
#include "hex.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* RFC 6979, A.2.6: curve P-384, hash SHA-384. */
static const char rfc_x[] = "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
			    "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5";
static const char rfc_ux[] = "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e"
			     "06aae5286b300c64def8f0ea9055866064a254515480bc13";
static const char rfc_uy[] = "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9"
			     "f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720";
static const struct {
	const char *message, *r, *s;
} rfc[] = {
	{"sample",
	 "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7"
	 "3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
	 "99ef4aeb15f178cea1fe40db2603138f130e740a19624526"
	 "203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"},
	{"test",
	 "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36"
	 "ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db",
	 "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b"
	 "827c2f13173923e06a739f040649a667bf3b828246baa5a5"},
};

/* Fails one allocation of libcrypto, and all behind it if told so. */
static long until_failure = -1; /* -1: none fails */
static bool stays;

static bool fails(void)
{
	if (until_failure < 0)
		return false;
	if (until_failure > 0) {
		until_failure--;
		return false;
	}
	if (!stays)
		until_failure = -1;
	return true;
}

static void *allocate(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : malloc(n);
}

static void *reallocate(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : realloc(p, n);
}

static void release(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* ECPrivateKey of RFC 5915 with the curve and without the public key. */
enum { SEC1_SIZE = 64 };

static void sec1(const char *x, uint8_t der[SEC1_SIZE])
{
	assert_true(hex_parse("303e0201010430", der, 7));
	assert_true(hex_parse(x, der + 7, ECDSA_SIZE));
	assert_true(hex_parse("a00706052b81040022", der + 55, 9));
}

static EVP_PKEY *rfc_key(void)
{
	uint8_t der[SEC1_SIZE];
	struct err e = {""};
	EVP_PKEY *key;

	sec1(rfc_x, der);
	if (ecdsa_private(der, sizeof(der), &key, &e))
		fail_msg("%s", e.msg);
	return key;
}

static void assert_hex(const uint8_t *p, const char *hex)
{
	char text[2 * ECDSA_SIZE + 1];

	hex_format(p, ECDSA_SIZE, text);
	assert_string_equal(text, hex);
}

static void test_rfc6979(void **state)
{
	EVP_PKEY *key = rfc_key();
	struct ecdsa_point u;
	struct ecdsa_sig sig;
	struct err e = {""};

	(void)state;
	assert_int_equal(ecdsa_point_of(key, &u, &e), RC_OK);
	assert_hex(u.x, rfc_ux);
	assert_hex(u.y, rfc_uy);
	for (size_t i = 0; i < COUNT(rfc); i++) {
		if (ecdsa_sign(key, rfc[i].message, strlen(rfc[i].message),
			       &sig, &e))
			fail_msg("%s", e.msg);
		assert_hex(sig.r, rfc[i].r);
		assert_hex(sig.s, rfc[i].s);
	}
	EVP_PKEY_free(key);
}

static struct ecdsa_sig rfc_sig(size_t i)
{
	struct ecdsa_sig sig;

	assert_true(hex_parse(rfc[i].r, sig.r, ECDSA_SIZE));
	assert_true(hex_parse(rfc[i].s, sig.s, ECDSA_SIZE));
	return sig;
}

/* Only with the public key, and with any one bit wrong. */
static void test_verify(void **state)
{
	struct ecdsa_sig sig = rfc_sig(0), zero = {{0}, {0}};
	struct ecdsa_point u;
	struct err e = {""};
	EVP_PKEY *key;

	(void)state;
	assert_true(hex_parse(rfc_ux, u.x, ECDSA_SIZE));
	assert_true(hex_parse(rfc_uy, u.y, ECDSA_SIZE));
	assert_int_equal(ecdsa_key_of(&u, &key, &e), RC_OK);
	assert_int_equal(ecdsa_verify(key, "sample", 6, &sig, &e), RC_OK);
	assert_int_equal(ecdsa_verify(key, "Sample", 6, &sig, &e), RC_MISMATCH);
	assert_string_equal(e.msg, "signature does not verify");
	assert_int_equal(ecdsa_verify(key, "sample", 5, &sig, &e), RC_MISMATCH);
	assert_int_equal(ecdsa_verify(key, "sample", 6, &zero, &e),
			 RC_MISMATCH);
	for (size_t i = 0; i < ECDSA_SIZE; i += 5) {
		sig.r[i] ^= 1;
		assert_int_equal(ecdsa_verify(key, "sample", 6, &sig, &e),
				 RC_MISMATCH);
		sig.r[i] ^= 1;
		sig.s[i] ^= 128;
		assert_int_equal(ecdsa_verify(key, "sample", 6, &sig, &e),
				 RC_MISMATCH);
		sig.s[i] ^= 128;
	}
	/* A public key signs nothing. */
	assert_int_equal(ecdsa_sign(key, "sample", 6, &sig, &e), RC_IO);
	assert_memory_equal(&sig, &zero, sizeof(sig));
	EVP_PKEY_free(key);
	u.y[0] ^= 1;
	assert_int_equal(ecdsa_key_of(&u, &key, &e), RC_FORMAT);
	assert_string_equal(e.msg, "key is no point of P-384");
	assert_null(key);
}

/* Messages of many lengths and two keys: verified, and always the same. */
static void test_same_again(void **state)
{
	EVP_PKEY *key = rfc_key(), *other = EVP_EC_gen("P-384");
	struct ecdsa_sig a, b;
	struct err e = {""};
	uint8_t text[200];

	(void)state;
	assert_non_null(other);
	memset(text, 7, sizeof(text));
	for (size_t n = 0; n <= sizeof(text); n += 25) {
		assert_int_equal(ecdsa_sign(key, text, n, &a, &e), RC_OK);
		assert_int_equal(ecdsa_sign(key, text, n, &b, &e), RC_OK);
		assert_memory_equal(&a, &b, sizeof(a));
		assert_int_equal(ecdsa_verify(key, text, n, &a, &e), RC_OK);
		assert_int_equal(ecdsa_verify(other, text, n, &a, &e),
				 RC_MISMATCH);
		assert_int_equal(ecdsa_sign(other, text, n, &b, &e), RC_OK);
		assert_memory_not_equal(a.r, b.r, ECDSA_SIZE);
	}
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

/* What write() puts into a memory BIO, and whether it is read. */
static int reads(EVP_PKEY *key, bool private,
		 int (*write)(BIO *b, EVP_PKEY *key), const char *message)
{
	BIO *b = BIO_new(BIO_s_mem());
	struct err e = {""};
	EVP_PKEY *got;
	char *text;
	long len;
	int rc;

	assert_non_null(b);
	assert_int_equal(write(b, key), 1);
	len = BIO_get_mem_data(b, &text);
	rc = (private ? ecdsa_private : ecdsa_public)(text, (size_t)len, &got,
						      &e);
	if (rc == RC_OK)
		assert_int_equal(EVP_PKEY_eq(key, got), 1);
	else
		assert_null(got);
	if (message && !strstr(e.msg, message))
		fail_msg("'%s' instead of '%s'", e.msg, message);
	EVP_PKEY_free(got);
	BIO_free(b);
	return rc;
}

static int pkcs8(BIO *b, EVP_PKEY *key)
{
	return PEM_write_bio_PKCS8PrivateKey(b, key, NULL, NULL, 0, NULL, NULL);
}

static int encrypted(BIO *b, EVP_PKEY *key)
{
	char secret[] = "secret";

	return PEM_write_bio_PKCS8PrivateKey(b, key, EVP_aes_256_cbc(), secret,
					     6, NULL, NULL);
}

static int sec1_pem(BIO *b, EVP_PKEY *key)
{
	return PEM_write_bio_PrivateKey_traditional(b, key, NULL, NULL, 0, NULL,
						    NULL);
}

static int private_der(BIO *b, EVP_PKEY *key)
{
	return i2d_PrivateKey_bio(b, key);
}

static int public_pem(BIO *b, EVP_PKEY *key)
{
	return PEM_write_bio_PUBKEY(b, key);
}

static int public_der(BIO *b, EVP_PKEY *key)
{
	return i2d_PUBKEY_bio(b, key);
}

static int rubbish(BIO *b, EVP_PKEY *key)
{
	(void)key;
	return BIO_puts(b, "-----BEGIN RUBBISH-----\n") > 0;
}

static void test_keys(void **state)
{
	EVP_PKEY *key = rfc_key(), *p256 = EVP_EC_gen("P-256");
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	static const char other[] = "curve of the key is not P-384";

	(void)state;
	assert_true(p256 && rsa);
	assert_int_equal(reads(key, true, pkcs8, NULL), RC_OK);
	assert_int_equal(reads(key, true, sec1_pem, NULL), RC_OK);
	assert_int_equal(reads(key, true, private_der, NULL), RC_OK);
	assert_int_equal(reads(key, false, public_pem, NULL), RC_OK);
	assert_int_equal(reads(key, false, public_der, NULL), RC_OK);
	assert_int_equal(reads(key, true, encrypted, "no private key"),
			 RC_FORMAT);
	assert_int_equal(reads(key, true, rubbish, "no private key"),
			 RC_FORMAT);
	assert_int_equal(reads(key, false, rubbish, "no public key"),
			 RC_FORMAT);
	assert_int_equal(reads(key, true, public_pem, NULL), RC_FORMAT);
	assert_int_equal(reads(key, false, pkcs8, NULL), RC_FORMAT);
	assert_int_equal(reads(p256, true, pkcs8, other), RC_UNSUPPORTED);
	assert_int_equal(reads(p256, false, public_pem, other), RC_UNSUPPORTED);
	assert_int_equal(reads(rsa, true, pkcs8, "key is RSA"), RC_UNSUPPORTED);
	assert_int_equal(reads(rsa, false, public_pem, "key is RSA"),
			 RC_UNSUPPORTED);
	EVP_PKEY_free(key);
	EVP_PKEY_free(p256);
	EVP_PKEY_free(rsa);
}

/* x = 0 and x = q, the order of the curve (FIPS 186-4, D.1.2.4). */
static void test_bad_numbers(void **state)
{
	static const char *const bad[] = {
		"00000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000",
		"ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81"
		"f4372ddf581a0db248b0a77aecec196accc52973",
	};
	uint8_t der[SEC1_SIZE];
	struct err e = {""};
	EVP_PKEY *key;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		sec1(bad[i], der);
		assert_int_equal(ecdsa_private(der, sizeof(der), &key, &e),
				 RC_FORMAT);
		assert_null(key);
	}
}

/* Written-out parameters of the same curve. */
static int write_explicit(BIO *b, EVP_PKEY *key)
{
	return EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit") &&
	       PEM_write_bio_PUBKEY(b, key);
}

static void test_explicit(void **state)
{
	EVP_PKEY *key = rfc_key();

	(void)state;
	assert_int_equal(reads(key, false, write_explicit, "written-out"),
			 RC_UNSUPPORTED);
	EVP_PKEY_free(key);
}

static const struct {
	const char *hex;
	int rc;
} signatures[] = {
	{"3006020101020102", RC_OK},
	{"3007020200ff020102", RC_OK},
	{"", RC_FORMAT},
	{"30", RC_FORMAT},
	{"30060201010201", RC_FORMAT},	   /* cut off */
	{"300602010102010200", RC_FORMAT}, /* a byte behind it */
	{"300702010102010200", RC_FORMAT}, /* a byte behind s */
	{"3006020181020102", RC_FORMAT},   /* r below 0 */
	{"300602010102018f", RC_FORMAT},   /* s below 0 */
	{"300702020001020102", RC_FORMAT}, /* r with a zero too many */
	{"308106020101020102", RC_FORMAT}, /* long form of the length */
	{"3080020101020102"
	 "0000",
	 RC_FORMAT},			 /* BER */
	{"3006020101040102", RC_FORMAT}, /* no INTEGER */
	/* r of 2^384 */
	{"3036"
	 "0231"
	 "01000000000000000000000000000000000000000000000000"
	 "000000000000000000000000000000000000000000000000"
	 "020102",
	 RC_FORMAT},
};

static void test_sig_parse(void **state)
{
	uint8_t der[200];
	struct ecdsa_sig sig;
	struct err e = {""};

	(void)state;
	for (size_t i = 0; i < COUNT(signatures); i++) {
		size_t n = strlen(signatures[i].hex) / 2;

		assert_true(hex_parse(signatures[i].hex, der, n));
		if (ecdsa_sig_parse(der, n, &sig, &e) != signatures[i].rc)
			fail_msg("%s: %s", signatures[i].hex, e.msg);
	}
	assert_true(hex_parse(signatures[1].hex, der, 9));
	assert_int_equal(ecdsa_sig_parse(der, 9, &sig, &e), RC_OK);
	assert_int_equal(sig.r[47], 255);
	assert_int_equal(sig.r[46], 0);
	assert_int_equal(sig.s[47], 2);
	memset(der, 0x30, sizeof(der));
	assert_int_equal(ecdsa_sig_parse(der, 105, &sig, &e), RC_LIMIT);
}

static int load(EVP_PKEY **key, struct err *e)
{
	uint8_t der[SEC1_SIZE];

	sec1(rfc_x, der);
	return ecdsa_private(der, sizeof(der), key, e);
}

/* Everything that uses a key: RC_OK, or the first failure. */
static int use(EVP_PKEY *key, struct err *e)
{
	static const uint8_t tiny[] = {0x30, 6, 2, 1, 1, 2, 1, 2};
	EVP_PKEY *public = NULL;
	struct ecdsa_point point;
	struct ecdsa_sig sig;
	int rc = ecdsa_sign(key, "sample", 6, &sig, e);

	if (!rc)
		assert_hex(sig.s, rfc[0].s);
	if (!rc)
		rc = ecdsa_point_of(key, &point, e);
	if (!rc)
		rc = ecdsa_key_of(&point, &public, e);
	if (!rc)
		rc = ecdsa_verify(public, "sample", 6, &sig, e);
	if (!rc)
		rc = ecdsa_sig_parse(tiny, sizeof(tiny), &sig, e);
	EVP_PKEY_free(public);
	return rc;
}

/* Whether this many allocations were not all that was wanted. */
static bool failed_once(void)
{
	bool yes = stays ? until_failure == 0 : until_failure == -1;

	until_failure = -1;
	return yes;
}

/*
 * Memory runs out at each allocation in turn, for once or for good. Not every
 * failure is seen from outside: libcrypto can do without some of its caches.
 */
static void test_no_memory_to_use(void **state)
{
	EVP_PKEY *fresh = rfc_key(), *key;
	struct err e = {""};
	bool failed;

	(void)state;
	for (int i = 0; i < 2; i++) {
		long n = 0, seen = 0;

		stays = i == 1;
		do {
			int rc;

			key = EVP_PKEY_dup(fresh);
			assert_non_null(key);
			until_failure = n++;
			rc = use(key, &e);
			failed = failed_once();
			if (rc && (rc != RC_IO || !failed))
				fail_msg("%ld: %d, %s", n, rc, e.msg);
			seen += rc == RC_IO;
			EVP_PKEY_free(key);
		} while (failed);
		assert_in_range(n, 200, 5000);
		assert_in_range(seen, n / 2, n);
	}
	EVP_PKEY_free(fresh);
}

/* Of a decoder that finds no memory libcrypto says it does not know the key. */
static void test_no_memory_to_load(void **state)
{
	struct err e = {""};
	EVP_PKEY *key;
	bool failed;

	(void)state;
	for (int i = 0; i < 2; i++) {
		long n = 0, seen = 0;

		stays = i == 1;
		do {
			int rc;

			until_failure = n;
			n += 13; /* of thousands */
			rc = load(&key, &e);
			failed = failed_once();
			assert_true((rc == RC_OK) == (key != NULL));
			assert_true(rc == RC_OK || failed);
			assert_true(rc == RC_OK || rc == RC_IO ||
				    strstr(e.msg, "no private key"));
			seen += rc == RC_IO;
			EVP_PKEY_free(key);
		} while (failed);
		assert_in_range(seen, 10, n);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc6979),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_same_again),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_bad_numbers),
		cmocka_unit_test(test_explicit),
		cmocka_unit_test(test_sig_parse),
		cmocka_unit_test(test_no_memory_to_use),
		cmocka_unit_test(test_no_memory_to_load),
	};

	/* Before libcrypto has allocated anything. */
	if (!CRYPTO_set_mem_functions(allocate, reallocate, release))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
