/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_kernel.c: setup header and PE headers of a kernel. */

#include "inspect.h"
#include "kernel.h"
#include "pe.h"

static void add_setup(struct report *r, const struct kernel *k)
{
	report_bytes(r, "version", k->version);
	report_set(
		r, "protocol",
		json_sprintf("%d.%02d", k->protocol >> 8, k->protocol & 0xff));
	report_integer(r, "setup_size", k->setup_size);
	report_integer(r, "code_size", k->code_size);
	report_set(r, "loadflags", cmd_json_number(k->loadflags));
	report_set(r, "xloadflags", cmd_json_number(k->xloadflags));
	report_integer(r, "cmdline_size", k->cmdline_size);
	report_set(r, "initrd_addr_max", cmd_json_number(k->initrd_addr_max));
	report_set(r, "pref_address", cmd_json_number(k->pref_address));
	report_integer(r, "init_size", k->init_size);
	report_integer(r, "payload_offset", k->payload_offset);
	report_integer(r, "payload_length", k->payload_length);
	if (!(k->loadflags & KERNEL_LOADED_HIGH))
		report_warn(r, "a zImage, which is loaded low");
	if (!(k->xloadflags & KERNEL_XLF_64))
		report_warn(r, "no 64-bit kernel");
}

static json_t *section_json(const struct pe_section *s)
{
	return json_pack("{s:s, s:o, s:I, s:o, s:I, s:o}", "name", s->name,
			 "address", cmd_json_number(s->virtual_address), "size",
			 (json_int_t)s->virtual_size, "offset",
			 cmd_json_number(s->raw_offset), "raw_size",
			 (json_int_t)s->raw_size, "characteristics",
			 cmd_json_number(s->characteristics));
}

static void add_pe(struct report *r, const struct pe *pe)
{
	json_t *all = json_array();

	report_set(r, "machine", cmd_json_number(pe->machine));
	report_integer(r, "subsystem", pe->subsystem);
	report_set(r, "entry", cmd_json_number(pe->entry));
	report_integer(r, "size_of_image", pe->size_of_image);
	report_integer(r, "size_of_headers", pe->size_of_headers);
	report_integer(r, "directories", pe->nr_directories);
	report_integer(r, "certificates_size", pe->cert_size);
	report_bool(r, "uki", pe_section(pe, ".linux") != NULL);
	for (size_t i = 0; i < pe->nr_sections; i++)
		report_append(r, all, section_json(&pe->sections[i]));
	report_set(r, "sections", all);
}

/* Both headers, as far as the file has them. */
static int add_headers(const struct input *in, enum kernel_kind kind,
		       struct report *r, struct err *why)
{
	struct kernel k = {.has_efi_stub = kind == KERNEL_PE};
	struct pe pe;
	int rc = RC_OK;

	if (kind == KERNEL_BZIMAGE) {
		rc = kernel_parse(in->data, in->len, &k, why);
		if (!rc)
			add_setup(r, &k);
	}
	report_bool(r, "pe", k.has_efi_stub);
	if (rc || !k.has_efi_stub)
		return rc;
	rc = pe_parse(in->data, in->len, &pe, why);
	if (!rc)
		add_pe(r, &pe);
	return rc;
}

int inspect_kernel(const struct input *in, struct report *r, struct err *e)
{
	enum kernel_kind kind = kernel_kind(in->data, in->len);
	const char *warning = kernel_hash_warning(in->data, in->len);
	struct err why = {""};
	int rc;

	report_begin(r, "kernel");
	report_string(r, "format", kernel_kind_name(kind));
	report_file(r, in);
	rc = add_headers(in, kind, r, &why);
	if (rc)
		return inspect_refuse(rc, in->path, &why, e);
	if (warning)
		report_warn(r, "%s", warning);
	return report_end(r, e);
}
