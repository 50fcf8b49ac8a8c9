/* SPDX-License-Identifier: Apache-2.0 */
/* test_measure_core.c: bounded reader and writer, GUID, hex, SHA-2, HMAC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "guid.h"
#include "hash.h"
#include "hex.h"
#include "rd.h"
#include "wr.h"

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static void test_rd_integers(void **state)
{
	struct rd r = rd_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(rd_u8(&r), 1);
	assert_int_equal(rd_le16(&r), 0x0302);
	assert_int_equal(rd_le32(&r), 0x07060504);
	assert_false(rd_done(&r));
	rd_seek(&r, 1);
	assert_true(rd_le64(&r) == 0x0908070605040302ULL);
	assert_true(rd_done(&r));
}

/* One byte too many fails for every size, and stays failed. */
static void test_rd_end(void **state)
{
	(void)state;
	for (size_t n = 0; n < 8; n++) {
		struct rd r = rd_of(bytes, n);

		assert_true(rd_le64(&r) == 0);
		assert_true(r.failed);
		assert_int_equal(r.pos, 0);
		assert_int_equal(rd_u8(&r), 0);
		assert_true(r.failed);
		assert_false(rd_done(&r));
	}
}

static void test_rd_empty(void **state)
{
	struct rd r = rd_of(NULL, 0);
	uint8_t out[2] = {7, 7};

	(void)state;
	assert_true(rd_done(&r));
	rd_copy(&r, out, 0);
	assert_false(r.failed);
	rd_copy(&r, out, 2);
	assert_true(r.failed);
	assert_int_equal(out[0] | out[1], 0);
}

static void test_rd_seek_skip(void **state)
{
	struct rd r = rd_of(bytes, sizeof(bytes));

	(void)state;
	rd_seek(&r, 9);
	assert_false(r.failed);
	rd_seek(&r, 10);
	assert_true(r.failed);
	r = rd_of(bytes, sizeof(bytes));
	rd_skip(&r, 9);
	assert_true(rd_done(&r));
	rd_skip(&r, UINT64_MAX);
	assert_true(r.failed);
	assert_int_equal(r.pos, 9);
}

static void test_rd_sub(void **state)
{
	struct rd r = rd_of(bytes, sizeof(bytes)), s;

	(void)state;
	s = rd_sub(&r, 4, 5);
	assert_int_equal(rd_left(&s), 5);
	assert_int_equal(rd_u8(&s), 5);
	assert_false(rd_sub(&r, 9, 0).failed);
	assert_true(rd_sub(&r, 4, 6).failed);
	assert_true(rd_sub(&r, 10, 0).failed);
	assert_true(rd_sub(&r, 4, UINT64_MAX).failed);
	assert_true(rd_sub(&r, UINT64_MAX, 1).failed);
	s = rd_sub(&r, 4, 6);
	assert_null(rd_bytes(&s, 0)); /* a failed reader gives nothing */
}

static void test_rd_zero(void **state)
{
	static const uint8_t z[] = {0, 0, 1};
	struct rd r = rd_of(z, sizeof(z));

	(void)state;
	assert_true(rd_zero(&r, 2));
	assert_false(rd_zero(&r, 1));
	assert_false(r.failed);
	assert_false(rd_zero(&r, 1));
	assert_true(r.failed);
}

static void test_wr(void **state)
{
	static const uint8_t want[] = {1,  0,  0,  3,  2,  7,  6, 5, 4,
				       15, 14, 13, 12, 11, 10, 9, 8, 0xaa};
	uint8_t buf[sizeof(want)];
	struct wr w;

	(void)state;
	memset(buf, 0xff, sizeof(buf));
	w = wr_of(buf, sizeof(buf));
	wr_u8(&w, 1);
	wr_skip(&w, 2);
	wr_le16(&w, 0x0203);
	wr_le32(&w, 0x04050607);
	wr_le64(&w, 0x08090a0b0c0d0e0fULL);
	wr_bytes(&w, "\xaa", 1);
	assert_false(w.failed);
	assert_memory_equal(buf, want, sizeof(want));
	wr_u8(&w, 1);
	assert_true(w.failed);
}

/* Nothing is written past the end, also not a part. */
static void test_wr_end(void **state)
{
	uint8_t buf[8];

	(void)state;
	memset(buf, 0xff, sizeof(buf));
	for (size_t n = 0; n < 8; n++) {
		struct wr w = wr_of(buf, n);

		wr_le64(&w, UINT64_MAX);
		assert_true(w.failed);
		wr_seek(&w, 0);
		wr_u8(&w, 1);
		assert_true(w.failed);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(buf[i], 0);
		assert_int_equal(buf[n], 0xff);
	}
	struct wr w = wr_of(buf, 8);

	wr_seek(&w, 9);
	assert_true(w.failed);
}

static void test_guid(void **state)
{
	/* UEFI 2.10 appendix A: EFI_GLOBAL_VARIABLE as it stands in memory. */
	static const struct guid global =
		GUID(0x8be4df61, 0x93ca, 0x11d2, 0xaa, 0x0d, 0x00, 0xe0, 0x98,
		     0x03, 0x2b, 0x8c);
	static const uint8_t memory[] = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93,
					 0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0,
					 0x98, 0x03, 0x2b, 0x8c};
	struct rd r = rd_of(memory, sizeof(memory));
	struct guid g = guid_read(&r);
	char text[GUID_TEXT];

	(void)state;
	assert_true(guid_equal(&g, &global));
	guid_format(&g, text);
	assert_string_equal(text, "8be4df61-93ca-11d2-aa0d-00e098032b8c");
	g.b[15] ^= 1;
	assert_false(guid_equal(&g, &global));
}

static void test_hex(void **state)
{
	static const char *const bad[] = {"",	"0",   "000", "0g",
					  "0x", " 00", "00 ", "-1"};
	uint8_t out[2];
	char text[5];

	(void)state;
	assert_true(hex_parse("00fF", out, 2));
	assert_int_equal(out[0], 0);
	assert_int_equal(out[1], 255);
	hex_format(out, 2, text);
	assert_string_equal(text, "00ff");
	assert_false(hex_parse("00ff", out, 1));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(hex_parse(bad[i], out, 1));
}

/* FIPS 180-4 examples, "abc" (csrc.nist.gov, SHA256/384/512.pdf). */
static const struct {
	size_t size;
	const char *digest;
} sha2[] = {
	{SHA256_SIZE, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
		      "f20015ad"},
	{SHA384_SIZE, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a"
		      "43ff5bed8086072ba1e7cc2358baeca134c825a7"},
	{SHA512_SIZE, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee6"
		      "4b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
		      "2a9ac94fa54ca49f"},
};

static void test_hash(void **state)
{
	uint8_t want[SHA512_SIZE], got[SHA512_SIZE];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(sha2) / sizeof(sha2[0]); i++) {
		struct hash *h = hash_new(sha2[i].size, &e);

		assert_non_null(h);
		assert_true(hex_parse(sha2[i].digest, want, sha2[i].size));
		/* Twice: a context serves any number of digests. */
		for (int turn = 0; turn < 2; turn++) {
			hash_begin(h);
			hash_update(h, "ab", 2);
			hash_peek(h, got);
			assert_memory_not_equal(got, want, sha2[i].size);
			hash_update(h, "c", 1);
			hash_peek(h, got);
			assert_memory_equal(got, want, sha2[i].size);
			hash_final(h, got);
			assert_memory_equal(got, want, sha2[i].size);
		}
		assert_int_equal(hash_check(h, &e), RC_OK);
		hash_free(h);
		assert_int_equal(hash_bytes(sha2[i].size, "abc", 3, got, &e),
				 RC_OK);
		assert_memory_equal(got, want, sha2[i].size);
	}
	hash_free(NULL);
}

/* RFC 4231, test case 2. */
static void test_hmac(void **state)
{
	uint8_t want[SHA384_SIZE], got[SHA384_SIZE];
	static const char text[] = "what do ya want for nothing?";
	struct err e;

	(void)state;
	assert_true(hex_parse("5bdcc146bf60754e6a042426089575c75a003f089d273983"
			      "9dec58b964ec3843",
			      want, SHA256_SIZE));
	assert_int_equal(hash_hmac(SHA256_SIZE, "Jefe", 4, text,
				   sizeof(text) - 1, got, &e),
			 RC_OK);
	assert_memory_equal(got, want, SHA256_SIZE);
	assert_true(
		hex_parse("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
			  "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
			  want, SHA384_SIZE));
	assert_int_equal(hash_hmac(SHA384_SIZE, "Jefe", 4, text,
				   sizeof(text) - 1, got, &e),
			 RC_OK);
	assert_memory_equal(got, want, SHA384_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rd_integers),
		cmocka_unit_test(test_rd_end),
		cmocka_unit_test(test_rd_empty),
		cmocka_unit_test(test_rd_seek_skip),
		cmocka_unit_test(test_rd_sub),
		cmocka_unit_test(test_rd_zero),
		cmocka_unit_test(test_wr),
		cmocka_unit_test(test_wr_end),
		cmocka_unit_test(test_guid),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_hmac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
