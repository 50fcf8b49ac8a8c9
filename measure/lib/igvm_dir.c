/* SPDX-License-Identifier: Apache-2.0 */
/*
 * igvm_dir.c: the directives of an IGVM file (igvm_defs 0.5.0).
 *
 *   0x301 PARAMETER_AREA   u64 size, u32 index, u32 data
 *   0x302 PAGE_DATA        u64 gpa, u32 mask, u32 data, u32 flags,
 *                          u16 data type, u16 0
 *   0x303 PARAMETER_INSERT u64 gpa, u32 mask, u32 index
 *   0x304 VP_CONTEXT       u64 gpa, u32 mask, u32 data, u16 vp index, u16 0
 *   0x305 REQUIRED_MEMORY  u64 gpa, u32 mask, u32 size, u32 flags, u32 0
 *   0x30b SNP_ID_BLOCK     u32 mask, u8 author key, 3 x 0, ld[48], family[16],
 *                          image[16], u32 version, u32 svn, u32 id algorithm,
 *                          u32 author algorithm, then four times 144 or 152
 *                          bytes: signature, key, author's signature and key
 *   others                 u32 index, u32 offset: a parameter that the host
 *                          puts into an area
 *
 * data is an offset in the file behind all headers, 0 stands for zeros. It has
 * no length: a page, or the whole area.
 */
#include <inttypes.h>

#include "igvm_parse.h"

enum {
	ID_KEYS = 144 + 152, /* of each of the two */
	ID_BLOCK = 104 + 2 * ID_KEYS,
};

/* Whether n bytes from d->data on are behind the headers and in the file. */
static int check_data(const struct igvm_parser *p,
		      const struct igvm_directive *d, uint64_t n, struct err *e)
{
	if (d->data != 0 && (d->data < p->data_begin || n > p->file.len ||
			     d->data > p->file.len - n))
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": data at 0x%" PRIx32
			       " with 0x%" PRIx64
			       " bytes is not in the file data 0x%" PRIx64
			       "..0x%zx",
			       d->at, d->data, n, p->data_begin, p->file.len);
	return RC_OK;
}

/* Whole pages below the highest address, and a mask of the file. */
static int check_range(const struct igvm_parser *p,
		       const struct igvm_directive *d, struct err *e)
{
	if (d->gpa % SNP_PAGE != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": gpa 0x%" PRIx64
			       " is not a multiple of 4096",
			       d->at, d->gpa);
	if (d->size % SNP_PAGE != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": size 0x%" PRIx64
			       " is not a multiple of 4096",
			       d->at, d->size);
	if (d->size > IGVM_MAX_GPA || d->gpa > IGVM_MAX_GPA - d->size)
		return err_set(e, RC_LIMIT,
			       "offset 0x%" PRIx32 ": gpa 0x%" PRIx64
			       " with 0x%" PRIx64
			       " bytes ends above the 52 bits of an address",
			       d->at, d->gpa, d->size);
	return igvm_check_mask(p, d, e);
}

static int check_reserved(const struct igvm_directive *d, uint64_t v,
			  struct err *e)
{
	if (v != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": reserved field is 0x%" PRIx64,
			       d->at, v);
	return RC_OK;
}

static int parse_page_data(struct igvm_parser *p, struct rd *r,
			   struct igvm_directive *d, struct err *e)
{
	const uint32_t known = IGVM_2MB | IGVM_UNMEASURED | IGVM_SHARED;
	int rc;

	d->gpa = rd_le64(r);
	d->size = SNP_PAGE;
	d->mask = rd_le32(r);
	d->data = rd_le32(r);
	d->flags = rd_le32(r);
	d->data_type = rd_le16(r);
	rc = check_reserved(d, rd_le16(r), e);
	rc = rc ? rc : check_range(p, d, e);
	if (rc)
		return rc;
	if (d->flags & ~known)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32 ": flags 0x%" PRIx32
			       " of PAGE_DATA are not supported",
			       d->at, d->flags);
	if (d->flags & IGVM_2MB)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32
			       ": pages of 2 MiB are not supported: loaders "
			       "do not agree on their data",
			       d->at);
	if (d->data_type > IGVM_CPUID_XF)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32
			       ": data type %u of PAGE_DATA is not supported",
			       d->at, d->data_type);
	return check_data(p, d, SNP_PAGE, e);
}

static struct igvm_area *find_area(struct igvm_parser *p, uint32_t index)
{
	for (size_t i = 0; i < p->nr_areas; i++)
		if (p->areas[i].index == index)
			return &p->areas[i];
	return NULL;
}

static int parse_area(struct igvm_parser *p, struct rd *r,
		      struct igvm_directive *d, struct err *e)
{
	const uint64_t max = (uint64_t)IGVM_MAX_PAGES * SNP_PAGE;
	uint32_t index;

	d->size = rd_le64(r);
	index = rd_le32(r);
	d->data = rd_le32(r);
	if (d->size == 0 || d->size % SNP_PAGE != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": parameter area of 0x%" PRIx64
			       " bytes is no whole number of pages",
			       d->at, d->size);
	if (d->size > max)
		return err_set(e, RC_LIMIT,
			       "offset 0x%" PRIx32
			       ": parameter area of 0x%" PRIx64
			       " bytes exceeds 0x%" PRIx64,
			       d->at, d->size, max);
	if (find_area(p, index))
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": parameter area %" PRIu32
			       " for the second time",
			       d->at, index);
	if (p->nr_areas == IGVM_MAX_AREAS)
		return err_set(e, RC_LIMIT,
			       "offset 0x%" PRIx32
			       ": more than %d parameter areas",
			       d->at, IGVM_MAX_AREAS);
	p->areas[p->nr_areas++] =
		(struct igvm_area){.index = index, .size = d->size};
	return check_data(p, d, d->size, e);
}

/* The area, as long as it is not inserted; else NULL, and *e says why. */
static struct igvm_area *use_area(struct igvm_parser *p,
				  const struct igvm_directive *d,
				  uint32_t index, struct err *e)
{
	struct igvm_area *a = find_area(p, index);

	if (a && !a->inserted)
		return a;
	(void)err_set(e, RC_FORMAT,
		      "offset 0x%" PRIx32 ": parameter area %" PRIu32 " %s",
		      d->at, index,
		      a ? "is inserted already" : "does not exist");
	return NULL;
}

static int parse_insert(struct igvm_parser *p, struct rd *r,
			struct igvm_directive *d, struct err *e)
{
	struct igvm_area *a;

	d->gpa = rd_le64(r);
	d->mask = rd_le32(r);
	a = use_area(p, d, rd_le32(r), e);
	if (!a)
		return RC_FORMAT;
	a->inserted = true;
	d->size = a->size;
	return check_range(p, d, e);
}

static int parse_parameter(struct igvm_parser *p, struct rd *r,
			   struct igvm_directive *d, struct err *e)
{
	uint32_t index = rd_le32(r), offset = rd_le32(r);
	const struct igvm_area *a = use_area(p, d, index, e);

	if (!a)
		return RC_FORMAT;
	if ((uint64_t)offset + p->kind->needs > a->size)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": %s at 0x%" PRIx32
			       " with %" PRIu32
			       " bytes does not fit parameter area %" PRIu32
			       " of 0x%" PRIx64 " bytes",
			       d->at, p->kind->name, offset, p->kind->needs,
			       index, a->size);
	return RC_OK;
}

/* Enters the VMSA of an SEV-SNP guest. */
static int add_vmsa(struct igvm *g, const struct igvm_directive *d,
		    struct err *e)
{
	if (d->vp_index >= SNP_MAX_VCPUS)
		return err_set(e, RC_LIMIT,
			       "offset 0x%" PRIx32
			       ": VP_CONTEXT of vCPU %u, the highest is %d",
			       d->at, d->vp_index, SNP_MAX_VCPUS - 1);
	if (g->vmsa[d->vp_index] != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": second VP_CONTEXT of vCPU %u",
			       d->at, d->vp_index);
	g->vmsa[d->vp_index] = d->data;
	g->vmsa_at[d->vp_index] = d->at;
	g->nr_vmsas++;
	if (g->end_vmsas <= d->vp_index)
		g->end_vmsas = (size_t)d->vp_index + 1;
	return RC_OK;
}

static int parse_vp_context(struct igvm_parser *p, struct rd *r,
			    struct igvm_directive *d, struct err *e)
{
	const struct igvm_platform *f = p->g->platforms;
	const struct igvm_platform *end = f + p->g->nr_platforms;
	int rc;

	d->gpa = rd_le64(r);
	d->mask = rd_le32(r);
	d->data = rd_le32(r);
	d->vp_index = rd_le16(r);
	rc = check_reserved(d, rd_le16(r), e);
	rc = rc ? rc : check_range(p, d, e);
	if (rc)
		return rc;
	while (f < end && f->mask != d->mask)
		f++;
	if (f == end || f->type == IGVM_TDX)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": VP_CONTEXT for compatibility mask 0x%" PRIx32
			       ", which is %s",
			       d->at, d->mask,
			       f == end ? "not one platform"
					: "TDX: vCPUs start as the TDX module "
					  "resets them");
	/* Only that of VSM has a length of its own. */
	if (d->data == 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": VP_CONTEXT has no data",
			       d->at);
	rc = check_data(p, d, f->type == IGVM_VSM ? 1 : SNP_PAGE, e);
	return !rc && f->type == IGVM_SNP ? add_vmsa(p->g, d, e) : rc;
}

static int parse_required_memory(struct igvm_parser *p, struct rd *r,
				 struct igvm_directive *d, struct err *e)
{
	int rc;

	d->gpa = rd_le64(r);
	d->mask = rd_le32(r);
	d->size = rd_le32(r);
	/* Bit 0 of the flags: it can be protected by VTL 2. */
	rc = check_reserved(d, rd_le32(r) & ~1U, e);
	rc = rc ? rc : check_reserved(d, rd_le32(r), e);
	return rc ? rc : check_range(p, d, e);
}

static int check_id_block(const struct igvm_parser *p, struct rd *r,
			  const struct igvm_directive *d, uint8_t author,
			  struct err *e)
{
	const struct igvm_platform *f = igvm_platform(p->g, IGVM_SNP);
	uint32_t version = rd_le32(r), id_algo, author_algo;

	rd_skip(r, 4); /* SVN */
	id_algo = rd_le32(r);
	author_algo = rd_le32(r);
	rd_skip(r, ID_KEYS);
	if (!f || f->mask != d->mask)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": SNP_ID_BLOCK for compatibility mask "
			       "0x%" PRIx32 ", which is not SEV-SNP alone",
			       d->at, d->mask);
	if (p->g->id.at != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": second SNP_ID_BLOCK",
			       d->at);
	if (version != 1 || id_algo != 1 || author > 1 || author_algo != author)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32
			       ": SNP_ID_BLOCK version %" PRIu32
			       ", key algorithm %" PRIu32
			       ", author key %u with algorithm %" PRIu32
			       ": not 1, 1 and twice the same 0 or 1",
			       d->at, version, id_algo, author, author_algo);
	if (author == 0 && !rd_zero(r, ID_KEYS))
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": SNP_ID_BLOCK has an author key that is not "
			       "enabled",
			       d->at);
	return RC_OK;
}

static int parse_id_block(struct igvm_parser *p, struct rd *r,
			  struct igvm_directive *d, struct err *e)
{
	struct igvm_id_block id = {.at = d->at};
	uint8_t author;
	struct rd rest;
	int rc;

	d->mask = rd_le32(r);
	author = rd_u8(r);
	rc = check_reserved(d, rd_u8(r) | (uint64_t)rd_le16(r) << 8, e);
	rd_copy(r, id.digest, sizeof(id.digest));
	rd_copy(r, id.family_id, sizeof(id.family_id));
	rd_copy(r, id.image_id, sizeof(id.image_id));
	rest = *r;
	rd_skip(r, 4); /* version */
	id.guest_svn = rd_le32(r);
	id.author_key = author == 1;
	rc = rc ? rc : check_id_block(p, &rest, d, author, e);
	if (!rc)
		p->g->id = id;
	return rc;
}

static const struct igvm_kind kinds[] = {
	{IGVM_PARAMETER_AREA, "PARAMETER_AREA", 16, parse_area, 0, true},
	{IGVM_PAGE_DATA, "PAGE_DATA", 24, parse_page_data, 0, true},
	{IGVM_PARAMETER_INSERT, "PARAMETER_INSERT", 16, parse_insert, 0, true},
	{IGVM_VP_CONTEXT, "VP_CONTEXT", 20, parse_vp_context, 0, true},
	{IGVM_REQUIRED_MEMORY, "REQUIRED_MEMORY", 24, parse_required_memory, 0,
	 true},
	{0x307, "VP_COUNT", 8, parse_parameter, 4, true},
	{0x308, "SRAT", 8, parse_parameter, 1, false},
	{0x309, "MADT", 8, parse_parameter, 1, true},
	{0x30a, "MMIO_RANGES", 8, parse_parameter, 32, false},
	{IGVM_SNP_ID_BLOCK, "SNP_ID_BLOCK", ID_BLOCK, parse_id_block, 0, true},
	{0x30c, "MEMORY_MAP", 8, parse_parameter, 24, true},
	{0x30e, "COMMAND_LINE", 8, parse_parameter, 1, false},
	{0x30f, "SLIT", 8, parse_parameter, 1, false},
	{0x310, "PPTT", 8, parse_parameter, 1, false},
	{0x312, "DEVICE_TREE", 8, parse_parameter, 1, false},
	{0x313, "ENVIRONMENT_INFO", 8, parse_parameter, 4, true},
};

const struct igvm_kind *igvm_directive_kind(uint32_t type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}
