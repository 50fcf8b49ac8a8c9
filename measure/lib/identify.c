/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify.c: what a search starts from, and its firmware images.
 *
 * A full OVMF image begins with the variable store, which a VMM may map from a
 * file of its own. EFI_FIRMWARE_VOLUME_HEADER (UEFI PI 1.8, volume III,
 * 3.2.1): 16 zero bytes, 10 GUID of the file system, 20 u64 length of the
 * volume, 28 "_FVH". The GUID of a variable store is
 * gEfiSystemNvDataFvGuid (edk2 MdeModulePkg).
 */
#include <stdlib.h>
#include <string.h>

#include "guid.h"
#include "hash.h"
#include "identify_parts.h"
#include "rd.h"

#define FV_SIGNATURE 0x4856465fU /* "_FVH" */

static const struct guid vars_guid =
	GUID(0xfff12b8d, 0x7696, 0x4c8b, 0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b,
	     0x4f, 0x50);

static int sum_files(struct identify *q, const struct identify_expected *x,
		     struct err *e)
{
	const struct identify_bytes *of[] = {&x->kernel, &x->initrd,
					     &x->cmdline};
	const char *names[] = {"kernel file", "initrd file", "command line"};
	int rc = RC_OK;

	for (size_t i = 0; !rc && i < 3; i++) {
		q->files[i].name = names[i];
		q->files[i].given = of[i]->p && of[i]->n > 0;
		if (q->files[i].given)
			rc = hash_bytes(q->digest_size, of[i]->p, of[i]->n,
					q->files[i].sum, e);
	}
	return rc;
}

static int fill(struct identify *q, const struct identify_expected *x,
		struct err *e)
{
	int rc;

	q->mode = x->mode;
	q->digest_size = x->mode == IDENTIFY_SNP ? SNP_DIGEST : SEV_DIGEST;
	memcpy(q->digest, x->digest, q->digest_size);
	for (size_t i = 0; i < q->digest_size; i++)
		q->reversed[i] = q->digest[q->digest_size - 1 - i];
	q->vcpus = x->mode == IDENTIFY_SEV ? 0 : x->vcpus;
	q->max_vcpus =
		q->vcpus > IDENTIFY_MAX_VCPUS ? q->vcpus : IDENTIFY_MAX_VCPUS;
	q->has_kernel = x->kernel.p != NULL;
	rc = sum_files(q, x, e);
	rc = rc ? rc : hash_bytes(SHA256_SIZE, "", 0, q->no_initrd, e);
	if (!rc && q->has_kernel)
		rc = sev_hashes_of(x->kernel.p, x->kernel.n, x->initrd.p,
				   x->initrd.n, x->cmdline.p, x->cmdline.n,
				   &q->hashes, e);
	return rc ? rc : identify_variants(q, x, e);
}

struct identify *identify_new(const struct identify_expected *x, struct err *e)
{
	struct identify *q = calloc(1, sizeof(*q));

	if (!q) {
		err_nomem(e);
		return NULL;
	}
	q->sha384 = hash_new(SHA384_SIZE, e);
	if (!q->sha384 || fill(q, x, e)) {
		identify_free(q);
		return NULL;
	}
	return q;
}

static void free_firmware(struct identify_firmware *f)
{
	if (!f)
		return;
	hash_free(f->sha256);
	free(f->heads);
	free(f->name);
	free(f);
}

void identify_free(struct identify *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < IDENTIFY_MAX_FIRMWARE; i++)
		free_firmware(q->firmware[i]);
	hash_free(q->sha384);
	free(q);
}

/* Whether a VMM can launch it, and how much there is to measure. */
static int check(const struct identify *q, struct identify_firmware *f,
		 size_t size, struct err *e)
{
	const struct ovmf *o = &f->ovmf;

	if (size == 0 || size % SNP_PAGE)
		return err_set(e, RC_FORMAT,
			       "%zu bytes are no whole number of pages of "
			       "4096",
			       size);
	if (q->mode != IDENTIFY_SEV && !o->has_reset)
		return err_set(e, RC_UNSUPPORTED,
			       "no SEV-ES reset block: where processors start "
			       "is unknown");
	if (q->mode != IDENTIFY_SNP)
		return RC_OK;
	if (!o->has_sev)
		return err_set(e, RC_UNSUPPORTED,
			       "no SEV metadata: it does not start as an SNP "
			       "guest");
	for (size_t i = 0; i < o->nr_sev; i++)
		f->pages += o->sev[i].size / SNP_PAGE;
	if (f->pages > IDENTIFY_MAX_SECTION_PAGES)
		return err_set(e, RC_LIMIT,
			       "SEV metadata: more than %d pages to measure",
			       IDENTIFY_MAX_SECTION_PAGES);
	return RC_OK;
}

static int measure_snp(struct identify *q, struct identify_firmware *f,
		       const uint8_t *image, size_t size, struct err *e)
{
	size_t tables = q->nr[IDENTIFY_CMDLINE] * q->nr[IDENTIFY_INITRD] + 1;
	struct snp_launch l = {.sha384 = q->sha384};
	int rc = snp_add_firmware(&l, image, size, e);

	if (rc)
		return rc;
	memcpy(f->seed, l.digest, SNP_DIGEST);
	/* What stands against its sections is told now, not in the search. */
	rc = snp_add_sections(&l, &f->ovmf, SNP_VMM_QEMU, NULL, e);
	if (rc)
		return rc;
	f->heads = calloc(tables * IDENTIFY_NR_CLASSES, sizeof(*f->heads));
	return f->heads ? RC_OK : err_nomem(e);
}

static int measure_sev(struct identify_firmware *f, const uint8_t *image,
		       size_t size, struct err *e)
{
	f->sha256 = hash_new(SHA256_SIZE, e);
	if (!f->sha256)
		return RC_IO;
	sev_begin(f->sha256, image, size, NULL);
	return hash_check(f->sha256, e);
}

static bool known(const struct identify *q, const struct identify_firmware *f)
{
	for (size_t i = 0; i < q->nr[IDENTIFY_FIRMWARE]; i++)
		if (memcmp(q->firmware[i]->file, f->file, q->digest_size) == 0)
			return true;
	return false;
}

/* Takes over f, whatever becomes of it. */
static int add(struct identify *q, struct identify_firmware *f,
	       const uint8_t *image, size_t size, struct err *e)
{
	size_t *n = &q->nr[IDENTIFY_FIRMWARE];
	int rc = hash_bytes(q->digest_size, image, size, f->file, e);
	bool take = false;

	rc = rc ? rc : ovmf_parse(image, size, &f->ovmf, e);
	rc = rc ? rc : check(q, f, size, e);
	if (!rc && !known(q, f)) {
		if (*n == IDENTIFY_MAX_FIRMWARE)
			rc = err_set(e, RC_LIMIT, "more than %d images",
				     IDENTIFY_MAX_FIRMWARE);
		else if (q->mode == IDENTIFY_SNP)
			rc = measure_snp(q, f, image, size, e);
		else
			rc = measure_sev(f, image, size, e);
		take = !rc;
	}
	if (take)
		q->firmware[(*n)++] = f;
	else
		free_firmware(f);
	return rc;
}

static int add_part(struct identify *q, const char *name, size_t cut,
		    const uint8_t *image, size_t size, struct err *e)
{
	struct identify_firmware *f = calloc(1, sizeof(*f));

	if (!f)
		return err_nomem(e);
	f->cut = cut;
	f->name = strdup(name);
	if (!f->name) {
		free_firmware(f);
		return err_nomem(e);
	}
	return add(q, f, image + cut, size - cut, e);
}

/* Bytes of the variable store at the beginning; 0 if there is none. */
static size_t vars_size(const uint8_t *image, size_t size)
{
	struct rd r = rd_of(image, size);
	struct guid g;
	uint64_t length;
	bool zero = rd_zero(&r, 16);

	g = guid_read(&r);
	length = rd_le64(&r);
	if (rd_le32(&r) != FV_SIGNATURE || r.failed || !zero ||
	    !guid_equal(&g, &vars_guid) || length >= size)
		return 0;
	return (size_t)length;
}

int identify_add_firmware(struct identify *q, const char *name,
			  const uint8_t *image, size_t size, struct err *e)
{
	bool first = q->nr[IDENTIFY_FIRMWARE] == 0;
	size_t cut = first ? vars_size(image, size) : 0;
	int rc = add_part(q, name, 0, image, size, e);
	struct err ignored = {""};

	if (rc || cut == 0)
		return rc;
	/* best effort: a rest that cannot be launched needs no trying */
	rc = add_part(q, name, cut, image, size, &ignored);
	return rc == RC_IO ? err_set(e, rc, "%s", ignored.msg) : RC_OK;
}
