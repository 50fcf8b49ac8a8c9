/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_tdx.c: TDX and IGVM metadata of firmware. */
#include <inttypes.h>

#include "inspect.h"
#include "snp.h"

enum { TDX_BFV, TDX_CFV, TDX_TD_HOB, TDX_TEMP_MEM, TDX_NR_TYPES };

static const char *tdx_type_name(uint32_t type)
{
	static const char *const names[] = {"BFV", "CFV", "TD_HOB", "TEMP_MEM"};

	return type < TDX_NR_TYPES ? names[type] : "unknown";
}

/* The rules of QEMU, hw/i386/tdvf.c. */
static int check_tdx_section(const struct ovmf *o,
			     const struct ovmf_tdx_section *s, struct err *e)
{
	const char *name = tdx_type_name(s->type);
	uint64_t end = (uint64_t)s->data_offset + s->raw_size;
	bool of_file = s->type == TDX_BFV || s->type == TDX_CFV;

	if (s->type >= TDX_NR_TYPES)
		return err_set(e, RC_UNSUPPORTED,
			       "TDX metadata: type %" PRIu32 " is unknown",
			       s->type);
	if (s->mem_size < s->raw_size || s->gpa % SNP_PAGE != 0 ||
	    s->mem_size % SNP_PAGE != 0 || of_file != (s->raw_size != 0))
		return err_set(e, RC_FORMAT,
			       "TDX metadata: %s: 0x%" PRIx32
			       " bytes of the file for 0x%" PRIx64
			       " at 0x%" PRIx64,
			       name, s->raw_size, s->mem_size, s->gpa);
	if (end > o->size)
		return err_set(e, RC_FORMAT,
			       "%s ends at 0x%" PRIx64
			       " behind the file of 0x%" PRIx64
			       " bytes: TDX needs variables and code in one "
			       "file",
			       name, end, o->size);
	return RC_OK;
}

static int can_tdx(const struct ovmf *o, struct err *e)
{
	size_t volumes[2] = {0};
	int rc = RC_OK;

	if (!o->has_tdx)
		return err_set(e, RC_UNSUPPORTED, "it has no TDX metadata");
	for (size_t i = 0; !rc && i < o->nr_tdx; i++) {
		if (o->tdx[i].type <= TDX_CFV)
			volumes[o->tdx[i].type]++;
		rc = check_tdx_section(o, &o->tdx[i], e);
	}
	if (rc)
		return rc;
	if (volumes[TDX_BFV] == 0 || volumes[TDX_CFV] == 0)
		return err_set(e, RC_FORMAT, "TDX metadata: no %s",
			       volumes[TDX_BFV] == 0 ? "BFV" : "CFV");
	if (o->size % INSPECT_BIOS_UNIT != 0)
		return err_set(e, RC_FORMAT,
			       "its size is no multiple of 64 KiB, and TDX "
			       "takes firmware by -bios only");
	return RC_OK;
}

void inspect_tdx(struct report *r, const struct ovmf *o)
{
	json_t *all = json_array();
	struct err why = {""};
	int rc = can_tdx(o, &why);

	report_answer(r, "tdx", rc, &why);
	for (size_t i = 0; i < o->nr_tdx; i++) {
		const struct ovmf_tdx_section *s = &o->tdx[i];

		report_append(r, all,
			      json_pack("{s:I, s:s, s:o, s:I, s:o, s:I, s:o}",
					"type", (json_int_t)s->type, "name",
					tdx_type_name(s->type), "offset",
					cmd_json_number(s->data_offset),
					"raw_size", (json_int_t)s->raw_size,
					"gpa", cmd_json_number(s->gpa), "size",
					(json_int_t)s->mem_size, "attributes",
					cmd_json_number(s->attributes)));
	}
	report_set(r, "tdx_sections", all);
}

static const char *igvm_name(uint32_t id)
{
	switch (id) {
	case 0x100:
		return "parameters";
	case 0x101:
		return "memory map";
	case 0x102:
		return "vCPU count";
	case 0x200:
		return "HOBs";
	default:
		return "unknown";
	}
}

void inspect_igvm_sections(struct report *r, const struct ovmf *o)
{
	json_t *all = json_array();

	for (size_t i = 0; i < o->nr_igvm; i++)
		report_append(r, all,
			      json_pack("{s:o, s:s, s:o, s:I}", "id",
					cmd_json_number(o->igvm[i].id), "name",
					igvm_name(o->igvm[i].id), "start",
					cmd_json_number(o->igvm[i].start),
					"size", (json_int_t)o->igvm[i].size));
	report_bool(r, "igvm", o->has_igvm);
	report_set(r, "igvm_sections", all);
}
