/* SPDX-License-Identifier: Apache-2.0 */
/*
 * igvm.c: the headers of an IGVM file.
 *
 * Little-endian (igvm_defs 0.5.0, format version 1). The fixed header:
 *
 *   00 u32 magic "IGVM"    04 u32 version    08 u32 offset of the variable
 *   headers, 8-aligned     0c u32 their size 10 u32 size of the file
 *   14 u32 CRC-32 of fixed and variable headers, this field being zero
 *
 * A variable header is u32 type, u32 length, and length bytes, padded with
 * zeros to 8. Bit 31 of the type: who does not know it may ignore it. First
 * come platforms (types 0x1..0x100), then initialization (0x101..0x200), then
 * directives (0x301..0x400), of which igvm_dir.c knows more.
 *
 *   0x1   SUPPORTED_PLATFORM u32 mask, u8 highest VTL, u8 type, u16 version,
 *         u64 shared GPA boundary
 *   0x101 GUEST_POLICY u64 policy, u32 mask, u32 0
 */
#include <inttypes.h>
#include <stdlib.h>

#include "crc32.h"
#include "igvm_parse.h"

#define MAGIC 0x4d564749U
#define MAY_IGNORE 0x80000000U
enum { FIXED_HEADER = 24, CHECKSUM_AT = 20, VERSION = 1 };

static const char *const type_names[IGVM_NR_TYPES] = {
	[IGVM_NATIVE] = "native", [IGVM_VSM] = "VSM", [IGVM_SNP] = "SEV-SNP",
	[IGVM_TDX] = "TDX",	  [IGVM_SEV] = "SEV", [IGVM_SEV_ES] = "SEV-ES",
};

const char *igvm_type_name(enum igvm_type type)
{
	return type_names[type];
}

static int check_checksum(const struct rd *file, const struct rd *vars,
			  uint32_t stored, struct err *e)
{
	static const uint8_t zero[4];
	uint32_t crc = crc32(0, file->base, CHECKSUM_AT);

	crc = crc32(crc, zero, sizeof(zero));
	crc = crc32(crc, vars->base, vars->len);
	if (crc != stored)
		return err_set(e, RC_FORMAT,
			       "offset 0x14: CRC-32 is 0x%08" PRIx32
			       ", that of the headers is 0x%08" PRIx32,
			       stored, crc);
	return RC_OK;
}

static int parse_version(struct rd *r, struct err *e)
{
	uint32_t magic = rd_le32(r), version = rd_le32(r);

	if (r->failed)
		return err_set(e, RC_FORMAT,
			       "%zu bytes are no IGVM file: the fixed header "
			       "has %d",
			       r->len, FIXED_HEADER);
	if (magic != MAGIC)
		return err_set(e, RC_FORMAT,
			       "offset 0x0: 0x%08" PRIx32
			       " is not the magic 0x%08" PRIx32
			       " of an IGVM file",
			       magic, MAGIC);
	if (version != VERSION)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x4: format version %" PRIu32
			       " is not supported, only 1: version 2 is not "
			       "final",
			       version);
	return RC_OK;
}

/* Checks the fixed header; *vars are the variable headers. */
static int parse_fixed(struct igvm_parser *p, struct rd *vars, struct err *e)
{
	struct rd *r = &p->file;
	uint32_t at, len, total, crc;
	int rc = parse_version(r, e);

	if (rc)
		return rc;
	at = rd_le32(r);
	len = rd_le32(r);
	total = rd_le32(r);
	crc = rd_le32(r);
	if (r->failed)
		return err_set(e, RC_FORMAT,
			       "%zu bytes are no IGVM file: the fixed header "
			       "has %d",
			       r->len, FIXED_HEADER);
	if (total != r->len)
		return err_set(e, RC_FORMAT,
			       "offset 0x10: size %" PRIu32
			       ", but the file has %zu bytes",
			       total, r->len);
	if (at < FIXED_HEADER || at % 8 != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x8: variable headers at 0x%" PRIx32
			       ": not a multiple of 8 from 0x18 on",
			       at);
	*vars = rd_sub(r, at, len);
	if (vars->failed)
		return err_set(e, RC_FORMAT,
			       "offset 0xc: variable headers at 0x%" PRIx32
			       " with 0x%" PRIx32
			       " bytes end behind the file (0x%zx)",
			       at, len, r->len);
	p->data_begin = (uint64_t)at + len;
	return check_checksum(r, vars, crc, e);
}

static int check_platform(const struct igvm *g, uint32_t at, uint8_t type,
			  uint32_t mask, uint64_t boundary, struct err *e)
{
	for (size_t i = 0; i < g->nr_platforms; i++) {
		if (g->platforms[i].type == (enum igvm_type)type)
			return err_set(e, RC_FORMAT,
				       "offset 0x%" PRIx32
				       ": platform %s for the second time",
				       at, type_names[type]);
		if (g->platforms[i].mask == mask)
			return err_set(e, RC_FORMAT,
				       "offset 0x%" PRIx32
				       ": compatibility mask 0x%" PRIx32
				       " for the second time",
				       at, mask);
	}
	if (boundary != 0 && (type == IGVM_NATIVE || type == IGVM_VSM))
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": platform %s with shared GPA boundary "
			       "0x%" PRIx64,
			       at, type_names[type], boundary);
	return RC_OK;
}

static int parse_platform(struct igvm_parser *p, struct rd *r,
			  struct igvm_directive *d, struct err *e)
{
	struct igvm *g = p->g;
	uint32_t mask = rd_le32(r);
	uint8_t vtl = rd_u8(r), type = rd_u8(r);
	uint16_t version = rd_le16(r);
	int rc;

	if (mask == 0 || (mask & (mask - 1)) != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": compatibility mask 0x%" PRIx32
			       " of a platform is not one bit",
			       d->at, mask);
	if (vtl != 0 && vtl != 2)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": highest VTL %u is neither 0 nor 2",
			       d->at, vtl);
	if (type >= IGVM_NR_TYPES)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32
			       ": platform type %u is not supported",
			       d->at, type);
	if (version != 1)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32
			       ": platform version %u is not 1",
			       d->at, version);
	rc = check_platform(g, d->at, type, mask, rd_le64(r), e);
	if (rc)
		return rc;
	/* Types are unique: there is room for each. */
	g->platforms[g->nr_platforms++] = (struct igvm_platform){
		.type = (enum igvm_type)type, .mask = mask};
	p->masks |= mask;
	return RC_OK;
}

static int parse_policy(struct igvm_parser *p, struct rd *r,
			struct igvm_directive *d, struct err *e)
{
	uint64_t policy = rd_le64(r);
	uint32_t reserved;
	int rc;

	d->mask = rd_le32(r);
	reserved = rd_le32(r);
	rc = igvm_check_mask(p, d, e);
	if (rc)
		return rc;
	if (reserved != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": reserved field of GUEST_POLICY is 0x%" PRIx32,
			       d->at, reserved);
	for (size_t i = 0; i < p->g->nr_platforms; i++) {
		struct igvm_platform *f = &p->g->platforms[i];

		if (!(f->mask & d->mask))
			continue;
		if (f->has_policy)
			return err_set(e, RC_FORMAT,
				       "offset 0x%" PRIx32
				       ": second GUEST_POLICY for %s",
				       d->at, type_names[f->type]);
		f->has_policy = true;
		f->policy = policy;
	}
	return RC_OK;
}

int igvm_check_mask(const struct igvm_parser *p, const struct igvm_directive *d,
		    struct err *e)
{
	if (d->mask == 0 || (d->mask & ~p->masks) != 0)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32
			       ": compatibility mask 0x%" PRIx32
			       " is not of the platforms 0x%" PRIx32,
			       d->at, d->mask, p->masks);
	return RC_OK;
}

static const struct igvm_kind platform_kind = {IGVM_SUPPORTED_PLATFORM,
					       "SUPPORTED_PLATFORM",
					       16,
					       parse_platform,
					       0,
					       true};
static const struct igvm_kind policy_kind = {
	IGVM_GUEST_POLICY, "GUEST_POLICY", 16, parse_policy, 0, true};

/* 0 none of the ranges, 1 platform, 2 initialization, 3 directive */
static int section_of(uint32_t type)
{
	if (type >= 0x301 && type <= 0x400)
		return 3;
	if (type >= 0x101 && type <= 0x200)
		return 2;
	return type >= 1 && type <= 0x100 ? 1 : 0;
}

static const struct igvm_kind *kind_of(uint32_t type)
{
	if (type == IGVM_SUPPORTED_PLATFORM)
		return &platform_kind;
	if (type == IGVM_GUEST_POLICY)
		return &policy_kind;
	return igvm_directive_kind(type);
}

static int add_directive(struct igvm_parser *p, const struct igvm_directive *d,
			 struct err *e)
{
	struct igvm *g = p->g;

	if (g->nr_directives == p->max_directives) {
		size_t max = p->max_directives ? 2 * p->max_directives : 64;
		struct igvm_directive *grown =
			realloc(g->directives, max * sizeof(*grown));

		if (!grown)
			return err_nomem(e);
		g->directives = grown;
		p->max_directives = max;
	}
	g->directives[g->nr_directives++] = *d;
	return RC_OK;
}

static int parse_known(struct igvm_parser *p, const struct igvm_kind *k,
		       uint32_t raw, struct rd *body, struct igvm_directive *d,
		       struct err *e)
{
	int rc;

	if (raw & MAY_IGNORE)
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32
			       ": %s may be ignored (type 0x%08" PRIx32
			       "): loaders would measure it or not",
			       d->at, k->name, raw);
	if (body->len != k->length)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": %s has %zu bytes, not "
			       "%" PRIu32,
			       d->at, k->name, body->len, k->length);
	p->kind = k;
	rc = k->parse(p, body, d, e);
	if (!rc && section_of(d->type) == 3)
		rc = add_directive(p, d, e);
	return rc;
}

/* One variable header; *section is the one of the header before. */
static int parse_header(struct igvm_parser *p, struct rd *vars, int *section,
			struct err *e)
{
	struct igvm_directive d = {
		.at = (uint32_t)((size_t)(vars->base - p->file.base) +
				 vars->pos)};
	uint32_t raw = rd_le32(vars), len = rd_le32(vars);
	struct rd body = rd_sub(vars, vars->pos, len);
	const struct igvm_kind *k;
	int now;

	rd_skip(vars, len);
	if (vars->failed)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": header of type 0x%" PRIx32
			       " with %" PRIu32
			       " bytes ends behind the variable headers",
			       d.at, raw, len);
	if (!rd_zero(vars, (8 - len % 8) % 8))
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": header of type 0x%" PRIx32
			       " is not padded with zeros to 8 bytes",
			       d.at, raw);
	d.type = raw & ~MAY_IGNORE;
	now = section_of(d.type);
	if (now != 0 && now < *section)
		return err_set(e, RC_FORMAT,
			       "offset 0x%" PRIx32 ": header of type 0x%" PRIx32
			       " stands behind those of a later section",
			       d.at, raw);
	*section = now ? now : *section;
	k = kind_of(d.type);
	if (k)
		return parse_known(p, k, raw, &body, &d, e);
	if (!(raw & MAY_IGNORE))
		return err_set(e, RC_UNSUPPORTED,
			       "offset 0x%" PRIx32 ": header type 0x%" PRIx32
			       " is not supported",
			       d.at, raw);
	p->g->nr_ignored++;
	return RC_OK;
}

int igvm_parse(const uint8_t *file, size_t size, struct igvm *g, struct err *e)
{
	struct igvm_parser p = {.g = g, .file = rd_of(file, size)};
	struct rd vars;
	int section = 1, rc;

	*g = (struct igvm){.file = file, .size = size};
	rc = parse_fixed(&p, &vars, e);
	for (size_t n = 0; !rc && rd_left(&vars) > 0; n++) {
		if (n == IGVM_MAX_HEADERS)
			return err_set(e, RC_LIMIT,
				       "more than %d variable headers",
				       IGVM_MAX_HEADERS);
		rc = parse_header(&p, &vars, &section, e);
	}
	if (!rc && g->nr_platforms == 0)
		return err_set(e, RC_FORMAT, "no SUPPORTED_PLATFORM header");
	return rc;
}

void igvm_free(struct igvm *g)
{
	free(g->directives);
	g->directives = NULL;
	g->nr_directives = 0;
}

const struct igvm_platform *igvm_platform(const struct igvm *g,
					  enum igvm_type type)
{
	for (size_t i = 0; i < g->nr_platforms; i++)
		if (g->platforms[i].type == type)
			return &g->platforms[i];
	return NULL;
}
