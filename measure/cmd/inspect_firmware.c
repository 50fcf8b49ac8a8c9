/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_firmware.c: what a firmware image can do and can be measured for. */
#include <string.h>

#include "guid.h"
#include "hash.h"
#include "inspect.h"
#include "ovmf.h"
#include "snp.h"

enum { MAX_FIRMWARE = 64 << 20 };

bool inspect_is_firmware(const struct input *in)
{
	struct ovmf o;
	struct err e = {""};

	return ovmf_parse(in->data, in->len, &o, &e) || o.has_table ||
	       o.nr_entries > 0;
}

/* Names of the entries that this program understands. */
static const char *entry_name(const char *guid)
{
	static const struct {
		const char *guid, *name;
	} rows[] = {
		{"00f771de-1a7e-4fcb-890e-68c77e2fb44e", "SEV-ES reset block"},
		{"4c2eb361-7d9b-4cc3-8081-127c90d3d294", "SEV secret block"},
		{"7255371f-3a3b-4b04-927b-1da6efa8d454", "hash table area"},
		{"dc886566-984a-4798-a75e-5585a7bf67cc", "SEV metadata"},
		{"e47a6535-984a-4798-865e-4685a7bf8ec2", "TDX metadata"},
		{"784fa70e-3176-4677-8a20-04b68699e374", "IGVM metadata"},
		{"a789a612-0597-4c4b-a49f-cbb1fe9d1ddd", "SVSM info"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].guid, guid) == 0)
			return rows[i].name;
	return "unknown";
}

static void add_entries(struct report *r, const struct ovmf *o)
{
	json_t *all = json_array();

	for (size_t i = 0; i < o->nr_entries; i++) {
		const struct ovmf_entry *x = &o->entries[i];
		char text[GUID_TEXT];
		struct guid g;

		memcpy(g.b, x->guid, GUID_SIZE);
		guid_format(&g, text);
		report_append(r, all,
			      json_pack("{s:s, s:s, s:o, s:I}", "guid", text,
					"name", entry_name(text), "offset",
					cmd_json_number(x->offset), "size",
					(json_int_t)x->size));
	}
	report_set(r, "entries", all);
}

static json_t *area_json(const struct ovmf_area *a)
{
	if (!a->present)
		return json_null();
	return json_pack("{s:o, s:I}", "base", cmd_json_number(a->base), "size",
			 (json_int_t)a->size);
}

/*
 * A launch without firmware pages and vCPUs: whether QEMU would start one.
 * table NULL: without a kernel.
 */
static int try_sections(const struct ovmf *o, const uint8_t *table,
			struct err *e)
{
	struct snp_launch l = {.sha384 = hash_new(SHA384_SIZE, e)};
	int rc;

	if (!l.sha384)
		return RC_IO;
	rc = snp_add_sections(&l, o, SNP_VMM_QEMU, table, e);
	hash_free(l.sha384);
	return rc;
}

static int can_snp(const struct ovmf *o, struct err *e)
{
	if (o->size % SNP_PAGE != 0)
		return err_set(e, RC_FORMAT, "its size is no multiple of 4096");
	if (!o->has_sev)
		return err_set(e, RC_UNSUPPORTED, "it has no SEV metadata");
	if (!o->has_reset)
		return err_set(e, RC_UNSUPPORTED,
			       "it has no SEV-ES reset address");
	return try_sections(o, NULL, e);
}

/* SEV and SEV-ES */
static int can_verify_sev(const struct ovmf *o, struct err *e)
{
	if (!o->hashes.present || o->hashes.base == 0)
		return err_set(e, RC_UNSUPPORTED,
			       "it has no area for a hash table");
	return sev_can_verify(o, e);
}

static int can_verify_snp(const struct ovmf *o, struct err *e)
{
	static const uint8_t table[SEV_HASHES_TABLE];
	int rc = can_snp(o, e);

	if (!rc && !ovmf_has_sev_kind(o, OVMF_SNP_KERNEL_HASHES))
		return err_set(e, RC_UNSUPPORTED,
			       "it has no SNP_KERNEL_HASHES section");
	rc = rc ? rc : can_verify_sev(o, e);
	return rc ? rc : try_sections(o, table, e);
}

static void add_sev(struct report *r, const struct ovmf *o)
{
	json_t *all = json_array();
	struct err why = {""};
	int rc = can_snp(o, &why);

	report_answer(r, "snp", rc, &why);
	rc = can_verify_snp(o, &why);
	report_answer(r, "snp_kernel_hashes", rc, &why);
	rc = can_verify_sev(o, &why);
	report_answer(r, "sev_kernel_hashes", rc, &why);
	report_set(r, "reset_eip",
		   o->has_reset ? cmd_json_number(o->reset_eip) : json_null());
	report_set(r, "secret_area", area_json(&o->secret));
	report_set(r, "hashes_area", area_json(&o->hashes));
	report_set(r, "sev_version",
		   o->has_sev ? json_integer(o->sev_version) : json_null());
	for (size_t i = 0; i < o->nr_sev; i++) {
		const struct ovmf_sev_section *s = &o->sev[i];

		report_append(r, all,
			      json_pack("{s:I, s:s, s:o, s:I}", "kind",
					(json_int_t)s->kind, "name",
					ovmf_sev_kind_name(s->kind), "gpa",
					cmd_json_number(s->gpa), "size",
					(json_int_t)s->size));
	}
	report_set(r, "sev_sections", all);
}

/* EFI_SYSTEM_NV_DATA_FV_GUID, where a volume says what it is. */
bool inspect_has_variables(const struct input *in)
{
	static const struct guid nv_data =
		GUID(0xfff12b8d, 0x7696, 0x4c8b, 0xa9, 0x85, 0x27, 0x47, 0x07,
		     0x5b, 0x4f, 0x50);
	struct rd r = rd_of(in->data, in->len);
	struct guid g;

	rd_skip(&r, 16);
	g = guid_read(&r);
	return guid_equal(&g, &nv_data);
}

static bool has_svsm_info(const struct ovmf *o)
{
	static const struct guid svsm_info =
		GUID(0xa789a612, 0x0597, 0x4c4b, 0xa4, 0x9f, 0xcb, 0xb1, 0xfe,
		     0x9d, 0x1d, 0xdd);

	for (size_t i = 0; i < o->nr_entries; i++)
		if (memcmp(o->entries[i].guid, svsm_info.b, GUID_SIZE) == 0)
			return true;
	return false;
}

/* Whole images have 1, 2, 4, 8 or 16 MiB; without variables they are odd. */
static void add_file(struct report *r, const struct input *in,
		     const struct ovmf *o)
{
	bool variables = inspect_has_variables(in), svsm = has_svsm_info(o);
	bool whole = (in->len & (in->len - 1)) == 0;

	report_bool(r, "svsm", svsm);
	report_bool(r, "variables", variables);
	report_bool(r, "bios", in->len % INSPECT_BIOS_UNIT == 0);
	/* What was tested of exactly this file: nothing, of any, so far. */
	report_set(r, "tested_guarantees", json_null());
	if (svsm) {
		report_warn(r, "this is an SVSM, not the firmware behind it");
		return;
	}
	if (!variables && !whole)
		report_warn(r, "this seems to be a CODE file without its "
			       "variables: TDX needs both in one file, and "
			       "SNP measures another digest with them");
	if (in->len % INSPECT_BIOS_UNIT != 0)
		report_warn(r, "-bios of QEMU takes multiples of 64 KiB only");
}

int inspect_firmware(const struct input *in, struct report *r, struct err *e)
{
	struct ovmf o;
	struct err why = {""};
	int rc;

	if (in->len > MAX_FIRMWARE)
		return err_set(e, RC_LIMIT, "%s: larger than %d bytes",
			       in->path, MAX_FIRMWARE);
	rc = ovmf_parse(in->data, in->len, &o, &why);
	rc = rc ? rc : ovmf_parse_tdx(in->data, in->len, &o, &why);
	rc = rc ? rc : ovmf_parse_igvm(in->data, in->len, &o, &why);
	if (rc)
		return inspect_refuse(rc, in->path, &why, e);
	report_begin(r, "firmware");
	report_file(r, in);
	add_entries(r, &o);
	add_sev(r, &o);
	inspect_tdx(r, &o);
	inspect_igvm_sections(r, &o);
	add_file(r, in, &o);
	return report_end(r, e);
}
