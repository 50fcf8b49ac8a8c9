/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sev_hashes.c: the table by which firmware verifies kernel, initrd and
 * command line.
 *
 * GUID, u16 length 168; then for cmdline, initrd and kernel: GUID, u16 length
 * 50, SHA-256. 8 bytes of zeros make it 176. (QEMU target/i386/sev.c; edk2
 * OvmfPkg/Library/BlobVerifierLibSevHashes)
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "guid.h"
#include "hash.h"
#include "snp.h"
#include "wr.h"

enum { TABLE_LENGTH = 168, ENTRY_LENGTH = 50 };

static const struct guid table_guid =
	GUID(0x9438d606, 0x4f22, 0x4cc9, 0xb4, 0x79, 0xa7, 0x93, 0xd4, 0x11,
	     0xfd, 0x21);
static const struct guid cmdline_guid =
	GUID(0x97d02dd8, 0xbd20, 0x4c94, 0xaa, 0x78, 0xe7, 0x71, 0x4d, 0x36,
	     0xab, 0x2a);
static const struct guid initrd_guid =
	GUID(0x44baf731, 0x3a2f, 0x4bd7, 0x9a, 0xf1, 0x41, 0xe2, 0x91, 0x69,
	     0x78, 0x1d);
static const struct guid kernel_guid =
	GUID(0x4de79437, 0xabd2, 0x427f, 0xb8, 0x35, 0xd5, 0xb1, 0x72, 0xd2,
	     0x04, 0x5b);

int sev_hashes_cmdline(const uint8_t *cmdline, size_t len, struct sev_hashes *h,
		       struct err *e)
{
	struct hash *sha256 = hash_new(SHA256_SIZE, e);
	int rc;

	if (!sha256)
		return RC_IO;
	hash_begin(sha256);
	hash_update(sha256, cmdline ? cmdline : (const uint8_t *)"",
		    cmdline ? len : 0);
	hash_update(sha256, "", 1);
	hash_final(sha256, h->cmdline);
	rc = hash_check(sha256, e);
	hash_free(sha256);
	return rc;
}

int sev_hashes_of(const uint8_t *kernel, size_t kernel_len,
		  const uint8_t *initrd, size_t initrd_len,
		  const uint8_t *cmdline, size_t cmdline_len,
		  struct sev_hashes *h, struct err *e)
{
	int rc = sev_hashes_cmdline(cmdline, cmdline_len, h, e);

	rc = rc ? rc
		: hash_bytes(SHA256_SIZE, initrd, initrd_len, h->initrd, e);
	return rc ? rc
		  : hash_bytes(SHA256_SIZE, kernel, kernel_len, h->kernel, e);
}

static void put_entry(struct wr *w, const struct guid *g,
		      const uint8_t sha256[32])
{
	wr_bytes(w, g->b, GUID_SIZE);
	wr_le16(w, ENTRY_LENGTH);
	wr_bytes(w, sha256, 32);
}

void sev_hashes_table(const struct sev_hashes *h,
		      uint8_t table[SEV_HASHES_TABLE])
{
	struct wr w = wr_of(table, SEV_HASHES_TABLE);

	wr_bytes(&w, table_guid.b, GUID_SIZE);
	wr_le16(&w, TABLE_LENGTH);
	put_entry(&w, &cmdline_guid, h->cmdline);
	put_entry(&w, &initrd_guid, h->initrd);
	put_entry(&w, &kernel_guid, h->kernel);
	assert(!w.failed && w.pos == TABLE_LENGTH);
}

int sev_can_verify(const struct ovmf *o, struct err *e)
{
	if (!o->hashes.present || o->hashes.base == 0)
		return err_set(e, RC_UNSUPPORTED,
			       "a kernel is given, but the firmware has no "
			       "area for its hashes");
	if (o->hashes.size < SEV_HASHES_TABLE)
		return err_set(e, RC_FORMAT,
			       "hash table area: 0x%" PRIx32
			       " bytes have no room for %d",
			       o->hashes.size, SEV_HASHES_TABLE);
	return RC_OK;
}

int sev_hashes_page(const struct ovmf *o, const uint8_t *table,
		    uint8_t page[SNP_PAGE], struct err *e)
{
	size_t at = o->hashes.base % SNP_PAGE;

	int rc = sev_can_verify(o, e);

	if (rc)
		return rc;
	if (at + SEV_HASHES_TABLE > SNP_PAGE)
		return err_set(e, RC_FORMAT,
			       "hash table area: 0x%" PRIx32
			       " bytes at 0x%" PRIx32 " have no room for %d",
			       o->hashes.size, o->hashes.base,
			       SEV_HASHES_TABLE);
	memset(page, 0, SNP_PAGE);
	memcpy(page + at, table, SEV_HASHES_TABLE);
	return RC_OK;
}
