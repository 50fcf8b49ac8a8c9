/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_idblock.c: ID block and ID auth, byte by byte. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <string.h>

#include "hash.h"
#include "hex.h"
#include "idblock.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Counts up from first. */
static void fill(uint8_t *p, size_t n, unsigned int first)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(first + i);
}

static struct idb_block sample_block(void)
{
	struct idb_block b = {.guest_svn = 0x04030201, .policy = 0x3ff1234};

	fill(b.ld, sizeof(b.ld), 0x10);
	fill(b.family_id, sizeof(b.family_id), 0x50);
	fill(b.image_id, sizeof(b.image_id), 0x70);
	return b;
}

static void test_block_layout(void **state)
{
	struct idb_block b = sample_block(), back;
	uint8_t got[IDB_BLOCK_SIZE], want[IDB_BLOCK_SIZE] = {0};
	struct err e = {""};

	(void)state;
	fill(want, 0x30, 0x10);
	fill(want + 0x30, 0x10, 0x50);
	fill(want + 0x40, 0x10, 0x70);
	assert_true(hex_parse("01000000", want + 0x50, 4));
	assert_true(hex_parse("01020304", want + 0x54, 4));
	assert_true(hex_parse("3412ff0300000000", want + 0x58, 8));
	idb_block_write(&b, got);
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(idb_block_parse(got, sizeof(got), &back, &e), RC_OK);
	assert_memory_equal(back.ld, b.ld, sizeof(b.ld));
	assert_memory_equal(back.family_id, b.family_id, IDB_ID);
	assert_memory_equal(back.image_id, b.image_id, IDB_ID);
	assert_int_equal(back.guest_svn, b.guest_svn);
	assert_true(back.policy == b.policy);
}

static void test_block_refused(void **state)
{
	struct idb_block b = sample_block(), back;
	uint8_t bytes[IDB_BLOCK_SIZE + 1] = {0};
	struct err e = {""};

	(void)state;
	idb_block_write(&b, bytes);
	for (size_t n = 0; n <= sizeof(bytes); n++)
		assert_int_equal(idb_block_parse(bytes, n, &back, &e),
				 n == IDB_BLOCK_SIZE ? RC_OK : RC_FORMAT);
	assert_string_equal(e.msg, "ID block has 97 bytes instead of 96");
	bytes[0x50] = 2;
	assert_int_equal(idb_block_parse(bytes, IDB_BLOCK_SIZE, &back, &e),
			 RC_UNSUPPORTED);
	assert_string_equal(e.msg, "ID block has version 2; only 1 is known");
	bytes[0x50] = 1;
	bytes[0x5f] = 0x80;
	assert_int_equal(idb_block_parse(bytes, IDB_BLOCK_SIZE, &back, &e),
			 RC_FORMAT);
}

static void test_policy(void **state)
{
	struct err e = {""};

	(void)state;
	assert_int_equal(idb_policy_check(IDB_POLICY_DEFAULT, &e), RC_OK);
	assert_int_equal(idb_policy_check(0x20000, &e), RC_OK);
	assert_int_equal(idb_policy_check(0x3ffffff, &e), RC_OK);
	assert_int_equal(idb_policy_check(0x10000, &e), RC_FORMAT);
	assert_string_equal(e.msg, "policy 0x10000: bit 17 must be 1");
	for (int bit = 26; bit < 64; bit++)
		assert_int_equal(idb_policy_check(0x20000 | 1ULL << bit, &e),
				 RC_FORMAT);
	assert_string_equal(e.msg, "policy 0x8000000000020000: bits 63 to 26 "
				   "are reserved and must be 0");
}

static struct idb_auth sample_auth(bool author)
{
	struct idb_auth a = {.has_author = author};

	fill(a.id_block_sig.r, ECDSA_SIZE, 0x01);
	fill(a.id_block_sig.s, ECDSA_SIZE, 0x31);
	fill(a.id_key.x, ECDSA_SIZE, 0x61);
	fill(a.id_key.y, ECDSA_SIZE, 0x91);
	if (author) {
		fill(a.id_key_sig.r, ECDSA_SIZE, 0xb1);
		fill(a.id_key_sig.s, ECDSA_SIZE, 0x81);
		fill(a.author_key.x, ECDSA_SIZE, 0x41);
		fill(a.author_key.y, ECDSA_SIZE, 0x21);
	}
	return a;
}

/* The same bytes the other way round. */
static void fill_le(uint8_t *p, unsigned int first)
{
	for (size_t i = 0; i < ECDSA_SIZE; i++)
		p[ECDSA_SIZE - 1 - i] = (uint8_t)(first + i);
}

static void expect_auth(bool author, uint8_t want[IDB_AUTH_SIZE])
{
	memset(want, 0, IDB_AUTH_SIZE);
	want[0] = 1;
	fill_le(want + 0x40, 0x01);
	fill_le(want + 0x40 + 72, 0x31);
	want[0x240] = 2;
	fill_le(want + 0x244, 0x61);
	fill_le(want + 0x244 + 72, 0x91);
	if (!author)
		return;
	want[4] = 1;
	fill_le(want + 0x680, 0xb1);
	fill_le(want + 0x680 + 72, 0x81);
	want[0x880] = 2;
	fill_le(want + 0x884, 0x41);
	fill_le(want + 0x884 + 72, 0x21);
}

static void test_auth_layout(void **state)
{
	uint8_t got[IDB_AUTH_SIZE], want[IDB_AUTH_SIZE], key[IDB_KEY_SIZE];
	struct err e = {""};

	(void)state;
	for (int author = 0; author < 2; author++) {
		struct idb_auth a = sample_auth(author == 1), back;

		expect_auth(author == 1, want);
		idb_auth_write(&a, got);
		assert_memory_equal(got, want, sizeof(want));
		idb_key_write(&a.id_key, key);
		assert_memory_equal(key, want + 0x240, sizeof(key));
		assert_int_equal(idb_auth_parse(got, sizeof(got), &back, &e),
				 RC_OK);
		assert_memory_equal(&back, &a, sizeof(a));
	}
}

/* Where a byte may be other than zero, with an author. */
static bool is_number(size_t at)
{
	static const size_t numbers[] = {0x40,	0x40 + 72,  0x244, 0x244 + 72,
					 0x680, 0x680 + 72, 0x884, 0x884 + 72};

	for (size_t i = 0; i < COUNT(numbers); i++)
		if (at >= numbers[i] && at < numbers[i] + 48)
			return true;
	return false;
}

static bool is_known(size_t at)
{
	return at < 8 || (at >= 0x240 && at < 0x244) ||
	       (at >= 0x880 && at < 0x884);
}

/* A bit in every byte of the 4096, one at a time. */
static void test_auth_reserved(void **state)
{
	struct idb_auth a, back;
	uint8_t bytes[IDB_AUTH_SIZE];
	struct err e = {""};

	(void)state;
	for (int author = 0; author < 2; author++) {
		a = sample_auth(author == 1);
		idb_auth_write(&a, bytes);
		for (size_t at = 0; at < sizeof(bytes); at++) {
			bool number =
				is_number(at) && (author == 1 || at < 0x680);
			int want = number ? RC_OK : RC_FORMAT, rc;

			/* Values that are not known, and with no author the
			 * first byte of an algorithm that is. */
			if (is_known(at) && (author == 1 || at < 0x680))
				want = RC_UNSUPPORTED;
			bytes[at] ^= 0x40;
			rc = idb_auth_parse(bytes, sizeof(bytes), &back, &e);
			if (rc != want)
				fail_msg("0x%zx: %d, %s", at, rc, e.msg);
			bytes[at] ^= 0x40;
		}
	}
}

static const struct {
	size_t at;
	uint8_t value;
	int rc;
	const char *message;
} refused[] = {
	{0, 0, RC_UNSUPPORTED,
	 "ID auth: ID key algorithm 0; only 1, ECDSA P-384 with SHA-384, is "
	 "known"},
	{4, 2, RC_UNSUPPORTED,
	 "ID auth: author key algorithm 2; only 0, none, and 1, ECDSA P-384 "
	 "with SHA-384, are known"},
	{4, 0, RC_FORMAT,
	 "ID auth: author key algorithm is 0, but behind the ID key: a byte "
	 "is not zero that must be"},
	{8, 1, RC_FORMAT,
	 "ID auth: after the algorithms: a byte is not zero that must be"},
	{0x40 + 48, 1, RC_FORMAT,
	 "ID auth: ID block signature: a byte is not zero that must be"},
	{0x240, 1, RC_UNSUPPORTED,
	 "ID auth: ID key: curve 1; only 2, P-384, is known"},
	{0x643, 1, RC_FORMAT,
	 "ID auth: ID key: a byte is not zero that must be"},
	{0x644, 1, RC_FORMAT,
	 "ID auth: behind the ID key: a byte is not zero that must be"},
	{0x87f, 1, RC_FORMAT,
	 "ID auth: ID key signature: a byte is not zero that must be"},
	{0x880, 0, RC_UNSUPPORTED,
	 "ID auth: author key: curve 0; only 2, P-384, is known"},
	{0xfff, 1, RC_FORMAT,
	 "ID auth: behind the author key: a byte is not zero that must be"},
};

static void test_auth_refused(void **state)
{
	struct idb_auth a = sample_auth(true), back;
	uint8_t bytes[IDB_AUTH_SIZE + 1] = {0};
	struct err e = {""};

	(void)state;
	idb_auth_write(&a, bytes);
	for (size_t n = 4090; n <= sizeof(bytes); n++)
		assert_int_equal(idb_auth_parse(bytes, n, &back, &e),
				 n == IDB_AUTH_SIZE ? RC_OK : RC_FORMAT);
	assert_string_equal(e.msg, "ID auth has 4097 bytes instead of 4096");
	assert_int_equal(idb_auth_parse(bytes, 0, &back, &e), RC_FORMAT);
	for (size_t i = 0; i < COUNT(refused); i++) {
		uint8_t was = bytes[refused[i].at];

		bytes[refused[i].at] = refused[i].value;
		assert_int_equal(
			idb_auth_parse(bytes, IDB_AUTH_SIZE, &back, &e),
			refused[i].rc);
		assert_string_equal(e.msg, refused[i].message);
		bytes[refused[i].at] = was;
	}
}

/* The private key of RFC 6979, A.2.6, as ECPrivateKey of RFC 5915. */
static const char rfc_key[] = "303e0201010430"
			      "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
			      "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5"
			      "a00706052b81040022";

static EVP_PKEY *id_key(void)
{
	uint8_t der[64];
	struct err e = {""};
	EVP_PKEY *key;

	assert_true(hex_parse(rfc_key, der, sizeof(der)));
	assert_int_equal(ecdsa_private(der, sizeof(der), &key, &e), RC_OK);
	return key;
}

/*
 * Signature of sample_block() by that key, as OpenSSL 3.5.7 makes it when it
 * derives the nonce by itself.
 */
static const char want_r[] = "de50abdffc6da3b71212202fbe4945ca68da620966360a13"
			     "75b4902d08f641a25fe159450173dc2c801ee65706d6e88f";
static const char want_s[] = "4660b7e001ba7b87313ebad96955712950e4a63f3f7bc71d"
			     "5760ac50a082d6edd1f9ef1c04f7907f39ae5645f15905ae";

static void test_make(void **state)
{
	struct idb_signer id = {.key = id_key()};
	struct idb_signer author = {.key = EVP_EC_gen("P-384")};
	struct idb_block b = sample_block();
	uint8_t block[IDB_BLOCK_SIZE], want[IDB_DIGEST], got[IDB_DIGEST];
	uint8_t bytes[IDB_AUTH_SIZE];
	char hex[2 * ECDSA_SIZE + 1];
	struct idb_auth a, again;
	struct err e = {""};

	(void)state;
	assert_non_null(author.key);
	idb_block_write(&b, block);
	if (idb_auth_make(block, &id, NULL, &a, &e))
		fail_msg("%s", e.msg);
	assert_false(a.has_author);
	hex_format(a.id_block_sig.r, ECDSA_SIZE, hex);
	assert_string_equal(hex, want_r);
	hex_format(a.id_block_sig.s, ECDSA_SIZE, hex);
	assert_string_equal(hex, want_s);
	assert_int_equal(idb_auth_make(block, &id, &author, &a, &e), RC_OK);
	assert_int_equal(idb_auth_make(block, &id, &author, &again, &e), RC_OK);
	assert_memory_equal(&a, &again, sizeof(a));
	assert_int_equal(idb_auth_verify(&a, block, &e), RC_OK);
	idb_auth_write(&a, bytes);
	assert_int_equal(idb_key_digest(&a.author_key, got, &e), RC_OK);
	assert_int_equal(
		hash_bytes(SHA384_SIZE, bytes + 0x880, 0x404, want, &e), RC_OK);
	assert_memory_equal(got, want, sizeof(want));
	EVP_PKEY_free(id.key);
	EVP_PKEY_free(author.key);
}

static void test_verify(void **state)
{
	struct idb_signer id = {.key = id_key()};
	struct idb_signer author = {.key = EVP_EC_gen("P-384")};
	struct idb_block b = sample_block();
	uint8_t block[IDB_BLOCK_SIZE];
	struct idb_auth a, bad;
	struct err e = {""};

	(void)state;
	idb_block_write(&b, block);
	assert_int_equal(idb_auth_make(block, &id, &author, &a, &e), RC_OK);
	block[0] ^= 1;
	assert_int_equal(idb_auth_verify(&a, block, &e), RC_MISMATCH);
	assert_string_equal(e.msg, "ID block, by the ID key: signature does "
				   "not verify");
	assert_int_equal(idb_auth_verify(&a, NULL, &e), RC_OK);
	block[0] ^= 1;
	bad = a;
	bad.id_key_sig.s[47] ^= 1;
	assert_int_equal(idb_auth_verify(&bad, block, &e), RC_MISMATCH);
	assert_string_equal(e.msg, "ID key, by the author key: signature does "
				   "not verify");
	bad = a;
	bad.author_key = a.id_key;
	assert_int_equal(idb_auth_verify(&bad, block, &e), RC_MISMATCH);
	bad = a;
	bad.author_key.x[0] ^= 1;
	assert_int_equal(idb_auth_verify(&bad, block, &e), RC_FORMAT);
	assert_string_equal(e.msg, "ID key, by the author key: key is no "
				   "point of P-384");
	bad = a;
	bad.has_author = false;
	bad.id_key_sig.s[47] ^= 1;
	assert_int_equal(idb_auth_verify(&bad, block, &e), RC_OK);
	EVP_PKEY_free(id.key);
	EVP_PKEY_free(author.key);
}

/* Ecdsa-Sig-Value with 49 bytes for each integer. */
static size_t to_der(const struct ecdsa_sig *sig, uint8_t der[104])
{
	size_t n = 2;

	for (int i = 0; i < 2; i++) {
		const uint8_t *v = i == 0 ? sig->r : sig->s;
		size_t pad = v[0] & 0x80 ? 1 : 0;

		der[n++] = 2;
		der[n++] = (uint8_t)(ECDSA_SIZE + pad);
		if (pad)
			der[n++] = 0;
		memcpy(der + n, v, ECDSA_SIZE);
		n += ECDSA_SIZE;
	}
	der[0] = 0x30;
	der[1] = (uint8_t)(n - 2);
	return n;
}

/* Signatures from outside, by keys of which only the public half is here. */
static void test_external(void **state)
{
	struct idb_signer id = {.key = id_key()}, by;
	struct idb_block b = sample_block();
	uint8_t block[IDB_BLOCK_SIZE], der[104];
	struct idb_auth a, got;
	struct err e = {""};

	(void)state;
	idb_block_write(&b, block);
	/* The author and the ID key may be the same. */
	assert_int_equal(idb_auth_make(block, &id, &id, &a, &e), RC_OK);
	by.der = der;
	by.der_len = to_der(&a.id_block_sig, der);
	assert_int_equal(ecdsa_key_of(&a.id_key, &by.key, &e), RC_OK);
	assert_int_equal(idb_auth_make(block, &by, &id, &got, &e), RC_OK);
	assert_memory_equal(&a, &got, sizeof(a));
	/* The signature of the block is none of the ID key. */
	assert_int_equal(idb_auth_make(block, &id, &by, &got, &e), RC_MISMATCH);
	assert_string_equal(e.msg, "ID key, by the author key: signature does "
				   "not verify");
	by.der_len = to_der(&a.id_key_sig, der);
	assert_int_equal(idb_auth_make(block, &id, &by, &got, &e), RC_OK);
	assert_memory_equal(&a, &got, sizeof(a));
	assert_int_equal(idb_auth_make(block, &by, &id, &got, &e), RC_MISMATCH);
	by.der_len--;
	assert_int_equal(idb_auth_make(block, &by, &id, &got, &e), RC_FORMAT);
	EVP_PKEY_free(by.key);
	EVP_PKEY_free(id.key);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_block_layout),
		cmocka_unit_test(test_block_refused),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_auth_layout),
		cmocka_unit_test(test_auth_reserved),
		cmocka_unit_test(test_auth_refused),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_external),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
