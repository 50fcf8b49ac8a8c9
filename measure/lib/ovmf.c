/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ovmf.c: the tables that guest firmware carries for the VMM.
 *
 * 0x20 bytes before the end of the image ends a table, read backwards:
 *
 *   [data][u16 length][GUID] ... [u16 total length][footer GUID] | 0x20 bytes
 *
 * A length counts the data and its own 18 bytes; the total counts the footer
 * too. An entry for metadata holds a u32, the distance of the metadata from
 * the end of the image. The first entry from the end wins. (edk2
 * OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm; QEMU hw/i386/pc_sysfw_ovmf.c)
 */
#include <inttypes.h>
#include <string.h>

#include "guid.h"
#include "ovmf.h"
#include "rd.h"

enum { TAIL = 0x20, ENTRY = 18 };

static const struct guid footer_guid =
	GUID(0x96b582de, 0x1fb2, 0x45f7, 0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a,
	     0x08, 0x2d);
static const struct guid reset_guid =
	GUID(0x00f771de, 0x1a7e, 0x4fcb, 0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f,
	     0xb4, 0x4e);
static const struct guid secret_guid =
	GUID(0x4c2eb361, 0x7d9b, 0x4cc3, 0x80, 0x81, 0x12, 0x7c, 0x90, 0xd3,
	     0xd2, 0x94);
static const struct guid hashes_guid =
	GUID(0x7255371f, 0x3a3b, 0x4b04, 0x92, 0x7b, 0x1d, 0xa6, 0xef, 0xa8,
	     0xd4, 0x54);
static const struct guid sev_guid = GUID(0xdc886566, 0x984a, 0x4798, 0xa7, 0x5e,
					 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc);
static const struct guid tdx_guid = GUID(0xe47a6535, 0x984a, 0x4798, 0x86, 0x5e,
					 0x46, 0x85, 0xa7, 0xbf, 0x8e, 0xc2);
static const struct guid igvm_guid =
	GUID(0x784fa70e, 0x3176, 0x4677, 0x8a, 0x20, 0x04, 0xb6, 0x86, 0x99,
	     0xe3, 0x74);

static struct rd data_of(const uint8_t *image, size_t size,
			 const struct ovmf_entry *x)
{
	struct rd all = rd_of(image, size);

	return rd_sub(&all, x->offset, x->size);
}

/* The u16 length and GUID that end at end. */
static struct rd entry_end(const uint8_t *image, size_t size, size_t end)
{
	struct rd all = rd_of(image, size);

	return rd_sub(&all, end - ENTRY, ENTRY);
}

static int walk(const uint8_t *image, size_t size, size_t begin, size_t end,
		struct ovmf *o, struct err *e)
{
	while (end - begin >= ENTRY) {
		struct rd r = entry_end(image, size, end);
		size_t len = rd_le16(&r);
		struct guid g = guid_read(&r);
		struct ovmf_entry *x = &o->entries[o->nr_entries];

		if (len < ENTRY || len > end - begin)
			return err_set(e, RC_FORMAT,
				       "offset 0x%zx: table entry length %zu "
				       "is not in 18..%zu",
				       end - ENTRY, len, end - begin);
		if (o->nr_entries == OVMF_MAX_ENTRIES)
			return err_set(e, RC_LIMIT,
				       "more than %d entries in the table",
				       OVMF_MAX_ENTRIES);
		memcpy(x->guid, g.b, GUID_SIZE);
		x->offset = (uint32_t)(end - len);
		x->size = (uint32_t)(len - ENTRY);
		o->nr_entries++;
		end -= len;
	}
	return RC_OK;
}

/*
 * Firmware from before the table has the reset block alone in its place; it
 * becomes a table of one entry.
 */
static int find_table(const uint8_t *image, size_t size, struct ovmf *o,
		      struct err *e)
{
	size_t end = size - TAIL, total;
	struct rd r = entry_end(image, size, end);
	struct guid g;

	total = rd_le16(&r);
	g = guid_read(&r);
	if (guid_equal(&g, &reset_guid)) {
		if (total < ENTRY || total > end)
			return err_set(e, RC_FORMAT,
				       "SEV-ES reset block length %zu is not "
				       "in 18..%zu",
				       total, end);
		return walk(image, size, end - total, end, o, e);
	}
	if (!guid_equal(&g, &footer_guid))
		return RC_OK;
	if (total < ENTRY || total > end)
		return err_set(e, RC_FORMAT,
			       "footer length %zu is not in 18..%zu", total,
			       end);
	o->has_table = true;
	return walk(image, size, end - total, end - ENTRY, o, e);
}

static const struct ovmf_entry *find(const struct ovmf *o, const struct guid *g)
{
	for (size_t i = 0; i < o->nr_entries; i++)
		if (memcmp(o->entries[i].guid, g->b, GUID_SIZE) == 0)
			return &o->entries[i];
	return NULL;
}

/* An entry that is too short for what it should hold. */
static int too_short(const struct ovmf_entry *x, const char *name, size_t need,
		     struct err *e)
{
	return err_set(e, RC_FORMAT, "%s: %" PRIu32 " bytes instead of %zu",
		       name, x->size, need);
}

static int read_area(const uint8_t *image, size_t size, const struct ovmf *o,
		     const struct guid *g, const char *name,
		     struct ovmf_area *area, struct err *e)
{
	const struct ovmf_entry *x = find(o, g);
	struct rd r;

	if (!x)
		return RC_OK;
	r = data_of(image, size, x);
	area->base = rd_le32(&r);
	area->size = rd_le32(&r);
	if (r.failed)
		return too_short(x, name, 8, e);
	area->present = true;
	return RC_OK;
}

/*
 * The metadata that an entry points to: from there to the end of the image.
 * *found is false if there is no such entry.
 */
static int find_metadata(const uint8_t *image, size_t size,
			 const struct ovmf *o, const struct guid *g,
			 const char *name, struct rd *out, bool *found,
			 struct err *e)
{
	const struct ovmf_entry *x = find(o, g);
	struct rd r, all = rd_of(image, size);
	uint32_t back;

	*found = x != NULL;
	if (!x)
		return RC_OK;
	r = data_of(image, size, x);
	back = rd_le32(&r);
	if (r.failed)
		return too_short(x, name, 4, e);
	if (back > size)
		return err_set(e, RC_FORMAT,
			       "%s: 0x%" PRIx32 " bytes before the end is "
			       "outside of the image",
			       name, back);
	*out = rd_sub(&all, size - back, back);
	return RC_OK;
}

/* {signature, u32 length, u32 version, u32 count} and count records. */
static int read_header(struct rd *r, const char *name, const char signature[4],
		       size_t record, uint32_t *version, size_t *count,
		       struct err *e)
{
	const uint8_t *sig = rd_bytes(r, 4);
	uint32_t len = rd_le32(r), nr;

	*version = rd_le32(r);
	nr = rd_le32(r);
	if (r->failed)
		return err_set(e, RC_FORMAT, "%s: header is cut off", name);
	if (memcmp(sig, signature, 4) != 0)
		return err_set(e, RC_FORMAT, "%s: signature is not %.4s", name,
			       signature);
	if (len < 16 || len > r->len)
		return err_set(e, RC_FORMAT,
			       "%s: length %" PRIu32 " is not in 16..%zu", name,
			       len, r->len);
	if (nr > (len - 16) / record)
		return err_set(e, RC_FORMAT,
			       "%s: %" PRIu32
			       " sections do not fit into %" PRIu32 " bytes",
			       name, nr, len);
	if (nr > OVMF_MAX_SECTIONS)
		return err_set(e, RC_LIMIT, "%s: more than %d sections", name,
			       OVMF_MAX_SECTIONS);
	*count = nr;
	return RC_OK;
}

static int read_sev(const uint8_t *image, size_t size, struct ovmf *o,
		    struct err *e)
{
	static const char name[] = "SEV metadata";
	struct rd r;
	int rc = find_metadata(image, size, o, &sev_guid, name, &r, &o->has_sev,
			       e);

	if (rc || !o->has_sev)
		return rc;
	rc = read_header(&r, name, "ASEV", 12, &o->sev_version, &o->nr_sev, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < o->nr_sev; i++) {
		o->sev[i].gpa = rd_le32(&r);
		o->sev[i].size = rd_le32(&r);
		o->sev[i].kind = rd_le32(&r);
	}
	return RC_OK; /* read_header() has compared the count */
}

int ovmf_parse(const uint8_t *image, size_t size, struct ovmf *o, struct err *e)
{
	const struct ovmf_entry *x;
	struct rd r;
	int rc;

	memset(o, 0, sizeof(*o));
	o->size = size;
	if (size > UINT32_MAX)
		return err_set(e, RC_LIMIT, "larger than 4 GiB");
	if (size < TAIL + ENTRY)
		return RC_OK;
	rc = find_table(image, size, o, e);
	rc = rc ? rc : read_sev(image, size, o, e);
	rc = rc ? rc
		: read_area(image, size, o, &secret_guid, "SEV secret block",
			    &o->secret, e);
	rc = rc ? rc
		: read_area(image, size, o, &hashes_guid, "hash table area",
			    &o->hashes, e);
	x = find(o, &reset_guid);
	if (rc || !x)
		return rc;
	r = data_of(image, size, x);
	o->reset_eip = rd_le32(&r);
	if (r.failed)
		return too_short(x, "SEV-ES reset block", 4, e);
	/* QEMU (sev_es_parse_reset_block) refuses 0. */
	o->has_reset = o->reset_eip != 0;
	return RC_OK;
}

int ovmf_parse_tdx(const uint8_t *image, size_t size, struct ovmf *o,
		   struct err *e)
{
	static const char name[] = "TDX metadata";
	struct rd r;
	uint32_t version;
	int rc = find_metadata(image, size, o, &tdx_guid, name, &r, &o->has_tdx,
			       e);

	if (rc || !o->has_tdx)
		return rc;
	rc = read_header(&r, name, "TDVF", 32, &version, &o->nr_tdx, e);
	if (rc)
		return rc;
	if (version != 1)
		return err_set(e, RC_UNSUPPORTED, "%s: version %" PRIu32, name,
			       version);
	for (size_t i = 0; i < o->nr_tdx; i++) {
		struct ovmf_tdx_section *s = &o->tdx[i];

		s->data_offset = rd_le32(&r);
		s->raw_size = rd_le32(&r);
		s->gpa = rd_le64(&r);
		s->mem_size = rd_le64(&r);
		s->type = rd_le32(&r);
		s->attributes = rd_le32(&r);
	}
	return RC_OK;
}

int ovmf_parse_igvm(const uint8_t *image, size_t size, struct ovmf *o,
		    struct err *e)
{
	static const char name[] = "IGVM metadata";
	struct rd r;
	uint32_t version;
	int rc = find_metadata(image, size, o, &igvm_guid, name, &r,
			       &o->has_igvm, e);

	if (rc || !o->has_igvm)
		return rc;
	rc = read_header(&r, name, "IGVM", 12, &version, &o->nr_igvm, e);
	if (rc)
		return rc;
	if (version != 1)
		return err_set(e, RC_UNSUPPORTED, "%s: version %" PRIu32, name,
			       version);
	for (size_t i = 0; i < o->nr_igvm; i++) {
		o->igvm[i].start = rd_le32(&r);
		o->igvm[i].size = rd_le32(&r);
		o->igvm[i].id = rd_le32(&r);
	}
	return RC_OK;
}

bool ovmf_has_sev_kind(const struct ovmf *o, uint32_t kind)
{
	for (size_t i = 0; i < o->nr_sev; i++)
		if (o->sev[i].kind == kind)
			return true;
	return false;
}

const char *ovmf_sev_kind_name(uint32_t kind)
{
	switch (kind) {
	case OVMF_SNP_SEC_MEM:
		return "SNP_SEC_MEM";
	case OVMF_SNP_SECRETS:
		return "SNP_SECRETS";
	case OVMF_SNP_CPUID:
		return "CPUID";
	case OVMF_SNP_SVSM_CAA:
		return "SVSM_CAA";
	case OVMF_SNP_KERNEL_HASHES:
		return "SNP_KERNEL_HASHES";
	default:
		return "unknown";
	}
}
