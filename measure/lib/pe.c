/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pe.c: a bounded view of a PE32+ file.
 *
 * Microsoft PE/COFF specification, revision 11; the rules are those that
 * firmware applies before it starts a program (edk2 BasePeCoffLib).
 *
 *   00 "MZ", 3c u32 offset of: "PE\0\0"
 *   COFF header, 20 bytes: u16 machine, u16 number of sections, u32 time
 *     stamp, u32, u32, u16 size of optional header, u16 characteristics
 *   optional header: 00 u16 0x20b, 10 u32 entry, 18 u64 image base, 20 u32
 *     section alignment, 24 u32 file alignment, 38 u32 size of image, 3c u32
 *     size of headers, 40 u32 checksum, 44 u16 subsystem, 6c u32 number of
 *     data directories, 70 {u32 address, u32 size} each
 *   sections, 40 bytes each: name[8], u32 virtual size, u32 address, u32 raw
 *     size, u32 raw offset, 12 bytes, u32 characteristics
 */
#include <inttypes.h>
#include <string.h>

#include "pe.h"
#include "rd.h"

enum {
	DOS_HEADER = 64,
	COFF_HEADER = 24, /* with "PE\0\0" */
	OPTIONAL = 112,	  /* without data directories */
	SECTION = 40,
	DIRECTORY = 8,
	OFF_CHECKSUM = 0x40,
	MAGIC_PE32 = 0x10b,
	MAGIC_PE32_PLUS = 0x20b,
};

/* Values that only pe_parse() needs. */
struct headers {
	uint16_t nr_sections, optional_size;
};

static int read_coff(struct rd *r, struct pe *pe, struct headers *h,
		     struct err *e)
{
	const uint8_t *magic = rd_bytes(r, 2);

	if (!magic || memcmp(magic, "MZ", 2) != 0)
		return err_set(e, RC_FORMAT, "no PE file: no MZ at 0");
	rd_seek(r, 0x3c);
	pe->header_offset = rd_le32(r);
	if (r->failed)
		return err_set(e, RC_FORMAT, "DOS header is cut off");
	if (pe->header_offset < DOS_HEADER)
		return err_set(e, RC_FORMAT,
			       "PE header at 0x%" PRIx32
			       " is inside of the DOS header",
			       pe->header_offset);
	rd_seek(r, pe->header_offset);
	magic = rd_bytes(r, 4);
	pe->machine = rd_le16(r);
	h->nr_sections = rd_le16(r);
	pe->timestamp = rd_le32(r);
	rd_skip(r, 8);
	h->optional_size = rd_le16(r);
	pe->characteristics = rd_le16(r);
	if (r->failed)
		return err_set(e, RC_FORMAT,
			       "PE header at 0x%" PRIx32 " is cut off",
			       pe->header_offset);
	if (memcmp(magic, "PE\0", 4) != 0)
		return err_set(e, RC_FORMAT, "no PE header at 0x%" PRIx32,
			       pe->header_offset);
	return RC_OK;
}

static int check_magic(uint16_t magic, struct err *e)
{
	if (magic == MAGIC_PE32)
		return err_set(e, RC_UNSUPPORTED, "PE32 instead of PE32+");
	if (magic != MAGIC_PE32_PLUS)
		return err_set(e, RC_FORMAT,
			       "optional header: magic 0x%x is not 0x20b",
			       magic);
	return RC_OK;
}

/* Number of directories and size of the header say the same twice. */
static int check_directories(const struct pe *pe, const struct headers *h,
			     struct err *e)
{
	if (pe->nr_directories > PE_MAX_DIRECTORIES)
		return err_set(e, RC_FORMAT,
			       "%" PRIu32 " data directories, more than %d",
			       pe->nr_directories, PE_MAX_DIRECTORIES);
	if (h->optional_size != OPTIONAL + DIRECTORY * pe->nr_directories)
		return err_set(e, RC_FORMAT,
			       "optional header of %d bytes does not fit "
			       "%" PRIu32 " data directories",
			       h->optional_size, pe->nr_directories);
	return RC_OK;
}

static int read_optional(struct rd *r, struct pe *pe, const struct headers *h,
			 struct err *e)
{
	size_t at = r->pos;
	uint16_t magic = rd_le16(r);
	int rc;

	if (r->failed)
		return err_set(e, RC_FORMAT, "optional header is cut off");
	rc = check_magic(magic, e);
	if (rc)
		return rc;
	rd_skip(r, 14);
	pe->entry = rd_le32(r);
	rd_skip(r, 4);
	pe->image_base = rd_le64(r);
	pe->section_alignment = rd_le32(r);
	pe->file_alignment = rd_le32(r);
	rd_skip(r, 16);
	pe->size_of_image = rd_le32(r);
	pe->size_of_headers = rd_le32(r);
	pe->checksum_offset = (uint32_t)at + OFF_CHECKSUM;
	pe->checksum = rd_le32(r);
	pe->subsystem = rd_le16(r);
	rd_skip(r, 2 + 4 * 8 + 4);
	pe->nr_directories = rd_le32(r);
	if (r->failed)
		return err_set(e, RC_FORMAT, "optional header is cut off");
	return check_directories(pe, h, e);
}

/* Only the certificates: their address is an offset in the file. */
static int read_directories(struct rd *r, struct pe *pe, struct err *e)
{
	for (uint32_t i = 0; i < pe->nr_directories; i++) {
		uint32_t at = (uint32_t)r->pos;
		uint32_t address = rd_le32(r), size = rd_le32(r);

		if (i != PE_DIR_CERTIFICATE)
			continue;
		pe->cert_entry_offset = at;
		pe->cert_offset = address;
		pe->cert_size = size;
	}
	if (r->failed)
		return err_set(e, RC_FORMAT, "data directories are cut off");
	return RC_OK;
}

static void read_section(struct rd *r, struct pe_section *s)
{
	rd_copy(r, s->name, 8);
	s->name[8] = '\0';
	for (size_t i = 0; s->name[i]; i++)
		if (s->name[i] < 0x20 || s->name[i] == 0x7f)
			s->name[i] = '?'; /* also above 0x7f: signed */
	s->virtual_size = rd_le32(r);
	s->virtual_address = rd_le32(r);
	s->raw_size = rd_le32(r);
	s->raw_offset = rd_le32(r);
	rd_skip(r, 12);
	s->characteristics = rd_le32(r);
}

static int check_section(const struct pe *pe, const struct pe_section *s,
			 struct err *e)
{
	uint64_t end = (uint64_t)s->virtual_address + s->virtual_size;

	if (end > pe->size_of_image)
		return err_set(e, RC_FORMAT,
			       "section '%s' ends at 0x%" PRIx64
			       " behind the image of 0x%" PRIx32 " bytes",
			       s->name, end, pe->size_of_image);
	if (s->raw_size == 0)
		return RC_OK;
	end = (uint64_t)s->raw_offset + s->raw_size;
	if (end > pe->size)
		return err_set(e, RC_FORMAT,
			       "section '%s' ends at 0x%" PRIx64
			       " behind the file of 0x%" PRIx64 " bytes",
			       s->name, end, pe->size);
	if (s->raw_offset < pe->size_of_headers)
		return err_set(e, RC_FORMAT,
			       "section '%s' at 0x%" PRIx32
			       " overlaps the headers of 0x%" PRIx32 " bytes",
			       s->name, s->raw_offset, pe->size_of_headers);
	return RC_OK;
}

/* Keeps the sections sorted; equal offsets in the order of the file. */
static void insert(struct pe *pe, const struct pe_section *s)
{
	size_t i = pe->nr_sections++;

	for (; i > 0 && pe->sections[i - 1].raw_offset > s->raw_offset; i--)
		pe->sections[i] = pe->sections[i - 1];
	pe->sections[i] = *s;
}

static int read_sections(struct rd *r, struct pe *pe, const struct headers *h,
			 struct err *e)
{
	uint64_t end = r->pos + (uint64_t)SECTION * h->nr_sections;
	int rc = RC_OK;

	if (h->nr_sections > PE_MAX_SECTIONS)
		return err_set(e, RC_LIMIT, "%d sections, more than %d",
			       h->nr_sections, PE_MAX_SECTIONS);
	if (end > pe->size_of_headers || pe->size_of_headers > pe->size)
		return err_set(e, RC_FORMAT,
			       "headers of 0x%" PRIx32
			       " bytes are not in 0x%" PRIx64 "..0x%" PRIx64,
			       pe->size_of_headers, end, pe->size);
	for (size_t i = 0; !rc && i < h->nr_sections; i++) {
		struct pe_section s;

		read_section(r, &s);
		rc = check_section(pe, &s, e);
		if (!rc)
			insert(pe, &s);
	}
	return rc;
}

/* In the file: headers, sections, perhaps other bytes, certificates. */
static int check_order(const struct pe *pe, struct err *e)
{
	uint64_t end = pe->size_of_headers, cert = pe->cert_offset;

	for (size_t i = 0; i < pe->nr_sections; i++) {
		const struct pe_section *s = &pe->sections[i];

		if (s->raw_size == 0)
			continue;
		if (s->raw_offset < end)
			return err_set(e, RC_FORMAT,
				       "section '%s' at 0x%" PRIx32
				       " overlaps another one",
				       s->name, s->raw_offset);
		end = (uint64_t)s->raw_offset + s->raw_size;
	}
	if (pe->cert_size == 0)
		return RC_OK;
	if (cert < end || cert % 8 != 0 || cert + pe->cert_size > pe->size)
		return err_set(e, RC_FORMAT,
			       "certificates: 0x%" PRIx32 " bytes at 0x%" PRIx32
			       " are not in 0x%" PRIx64 "..0x%" PRIx64
			       " from a multiple of 8 on",
			       pe->cert_size, pe->cert_offset, end, pe->size);
	return RC_OK;
}

int pe_parse(const uint8_t *p, size_t n, struct pe *pe, struct err *e)
{
	struct rd r = rd_of(p, n);
	struct headers h = {0};
	int rc;

	memset(pe, 0, sizeof(*pe));
	pe->size = n;
	rc = read_coff(&r, pe, &h, e);
	rc = rc ? rc : read_optional(&r, pe, &h, e);
	rc = rc ? rc : read_directories(&r, pe, e);
	rc = rc ? rc : read_sections(&r, pe, &h, e);
	return rc ? rc : check_order(pe, e);
}

const struct pe_section *pe_section(const struct pe *pe, const char *name)
{
	for (size_t i = 0; i < pe->nr_sections; i++)
		if (strcmp(pe->sections[i].name, name) == 0)
			return &pe->sections[i];
	return NULL;
}
