/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_snp.c: one launch digest in memory, beside one SHA-384 of the same
 * bytes by libcrypto.
 *
 * Prints: nanoseconds of each (medians of runs in turn), the median of their
 * ratios in millionths, and the digest, which must be that of mote-measure.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "file.h"
#include "hash.h"
#include "hex.h"
#include "snp.h"

enum { MAX_RUNS = 1001 };

/* Firmware and behind it the kernel, as one piece for libcrypto. */
static uint8_t *bytes;
static size_t firmware_len, kernel_len;
static uint8_t launch_digest[SNP_DIGEST];

static void must(int rc, const struct err *e)
{
	if (!rc)
		return;
	fprintf(stderr, "bench_snp: %s\n", e->msg);
	exit(1);
}

static void load(const char *firmware, const char *kernel)
{
	char *f = NULL, *k = NULL;
	struct err e;

	must(file_load(firmware, SIZE_MAX / 4, &f, &firmware_len, &e), &e);
	must(file_load(kernel, SIZE_MAX / 4, &k, &kernel_len, &e), &e);
	bytes = malloc(firmware_len + kernel_len);
	if (!bytes)
		must(err_nomem(&e), &e);
	memcpy(bytes, f, firmware_len);
	memcpy(bytes + firmware_len, k, kernel_len);
	free(f);
	free(k);
}

/* All of it: tables, hashes of the blobs, pages, sections, a processor. */
static void measure(void)
{
	uint8_t table[SEV_HASHES_TABLE];
	struct snp_vcpu bsp = {SNP_VMM_QEMU, SNP_BSP_EIP, 0,
			       SNP_FEATURES_DEFAULT};
	struct snp_launch l = {.trace = NULL};
	struct snp_vmsas vmsas;
	struct sev_hashes h;
	struct ovmf o;
	struct err e;

	l.sha384 = hash_new(SHA384_SIZE, &e);
	if (!l.sha384 || !snp_cpu_signature("EPYC-Milan", &bsp.sig))
		must(RC_IO, &e);
	must(ovmf_parse(bytes, firmware_len, &o, &e), &e);
	must(sev_hashes_of(bytes + firmware_len, kernel_len, NULL, 0, NULL, 0,
			   &h, &e),
	     &e);
	sev_hashes_table(&h, table);
	must(snp_add_firmware(&l, bytes, firmware_len, &e), &e);
	must(snp_add_sections(&l, &o, SNP_VMM_QEMU, table, &e), &e);
	snp_vmsas(l.sha384, &bsp, o.reset_eip, &vmsas);
	snp_add_vcpu(&l, &vmsas, 0);
	must(hash_check(l.sha384, &e), &e);
	memcpy(launch_digest, l.digest, SNP_DIGEST);
	hash_free(l.sha384);
}

static void sha384(void)
{
	uint8_t out[EVP_MAX_MD_SIZE];

	if (EVP_Digest(bytes, firmware_len + kernel_len, out, NULL,
		       EVP_sha384(), NULL) != 1)
		abort();
}

static long long time_of(void (*f)(void))
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	f();
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static long long median(long long *v, int n)
{
	qsort(v, (size_t)n, sizeof(v[0]), compare);
	return v[n / 2];
}

int main(int argc, char **argv)
{
	static long long ours[MAX_RUNS], theirs[MAX_RUNS], ratios[MAX_RUNS];
	int runs = argc == 4 ? atoi(argv[3]) : 0;
	char text[2 * SNP_DIGEST + 1];

	if (runs < 1 || runs > MAX_RUNS) {
		fprintf(stderr, "usage: bench_snp FIRMWARE KERNEL RUNS\n");
		return 2;
	}
	load(argv[1], argv[2]);
	measure();
	sha384();
	for (int i = 0; i < runs; i++) {
		ours[i] = time_of(measure);
		theirs[i] = time_of(sha384);
		ratios[i] = ours[i] * 1000000 / theirs[i];
	}
	hex_format(launch_digest, SNP_DIGEST, text);
	printf("%lld %lld %lld %s\n", median(ours, runs), median(theirs, runs),
	       median(ratios, runs), text);
	free(bytes);
	return fflush(stdout) != 0;
}
