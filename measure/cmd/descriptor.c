/* SPDX-License-Identifier: Apache-2.0 */
/*
 * descriptor.c: what SNP needs to know of a firmware image, as a small file.
 *
 * {"schema": "mote-firmware-1", "size": bytes of the image,
 *  "sha256": hex, "firmware_hash": hex of 48 bytes,
 *  "reset_eip": "0x..." or null,
 *  "hashes_area": {"base": "0x...", "size": N} or null,
 *  "sev_sections": [{"kind": N, "gpa": "0x...", "size": N}, ...] or null}
 *
 * All keys are needed and no others are allowed. null: the firmware has no
 * such entry in its table.
 */
#include <inttypes.h>
#include <string.h>

#include "cmd.h"
#include "descriptor.h"
#include "hash.h"
#include "hex.h"
#include "json_in.h"

enum { MAX_SIZE = 64 << 20 };

static json_t *area_json(const struct ovmf_area *a)
{
	if (!a->present)
		return json_null();
	return json_pack("{s:o, s:I}", "base", cmd_json_number(a->base), "size",
			 (json_int_t)a->size);
}

static json_t *sections_json(const struct ovmf *o)
{
	json_t *all;

	if (!o->has_sev)
		return json_null();
	all = json_array();
	for (size_t i = 0; all && i < o->nr_sev; i++) {
		const struct ovmf_sev_section *s = &o->sev[i];
		json_t *j = json_pack(
			"{s:I, s:o, s:I}", "kind", (json_int_t)s->kind, "gpa",
			cmd_json_number(s->gpa), "size", (json_int_t)s->size);

		if (json_array_append_new(all, j)) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

json_t *descriptor_json(const struct firmware_descriptor *d)
{
	const struct ovmf *o = &d->ovmf;

	return json_pack(
		"{s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "schema",
		DESCRIPTOR_SCHEMA, "size", (json_int_t)d->size, "sha256",
		cmd_json_hex(d->sha256, sizeof(d->sha256)), "firmware_hash",
		cmd_json_hex(d->seed, SNP_DIGEST), "reset_eip",
		o->has_reset ? cmd_json_number(o->reset_eip) : json_null(),
		"hashes_area", area_json(&o->hashes), "sev_sections",
		sections_json(o));
}

/* An object in the file: where it stands, for messages. */
struct in {
	json_t *j;
	const char *name; /* of the file */
	char path[40];	  /* "", or "hashes_area." and so on */
	struct err *e;
};

/* Exactly these keys; the list ends with NULL. */
static int check_keys(const struct in *in, const char *const *keys)
{
	const char *key;
	json_t *v;

	json_object_foreach(in->j, key, v)
	{
		size_t i = 0;

		while (keys[i] && strcmp(keys[i], key) != 0)
			i++;
		if (!keys[i])
			return err_set(in->e, RC_FORMAT,
				       "%s: %s%s: unknown key", in->name,
				       in->path, key);
	}
	for (; *keys; keys++)
		if (!json_object_get(in->j, *keys))
			return err_set(in->e, RC_FORMAT, "%s: %s%s is missing",
				       in->name, in->path, *keys);
	return RC_OK;
}

static int get_integer(const struct in *in, const char *key, uint64_t max,
		       uint64_t *out)
{
	json_t *v = json_object_get(in->j, key);
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < 0 || (uint64_t)n > max)
		return err_set(in->e, RC_FORMAT,
			       "%s: %s%s is no whole number from 0 to %" PRIu64,
			       in->name, in->path, key, max);
	*out = (uint64_t)n;
	return RC_OK;
}

static int get_u32(const struct in *in, const char *key, uint32_t *out)
{
	uint64_t v = 0;
	int rc = get_integer(in, key, UINT32_MAX, &v);

	*out = (uint32_t)v;
	return rc;
}

/* A string "0x..." of at most 32 bits. */
static int get_address(const struct in *in, const char *key, uint32_t *out)
{
	const char *s = json_string_value(json_object_get(in->j, key));
	uint64_t v = 0;

	if (!s || s[0] != '0' || s[1] != 'x' || !opt_number(s, UINT32_MAX, &v))
		return err_set(in->e, RC_FORMAT,
			       "%s: %s%s is no string from \"0x0\" to "
			       "\"0xffffffff\"",
			       in->name, in->path, key);
	*out = (uint32_t)v;
	return RC_OK;
}

static int get_digest(const struct in *in, const char *key, uint8_t *out,
		      size_t n)
{
	const char *s = json_string_value(json_object_get(in->j, key));

	if (!s || !hex_parse(s, out, n))
		return err_set(in->e, RC_FORMAT,
			       "%s: %s%s is no string of %zu hex digits",
			       in->name, in->path, key, 2 * n);
	return RC_OK;
}

/* An object in an object or in an array (index >= 0). */
static int get_object(const struct in *in, json_t *v, const char *key,
		      int index, struct in *out)
{
	*out = (struct in){.j = v, .name = in->name, .e = in->e};
	if (index < 0)
		(void)snprintf(out->path, sizeof(out->path), "%s", key);
	else
		(void)snprintf(out->path, sizeof(out->path), "%s[%d]", key,
			       index);
	if (!json_is_object(v))
		return err_set(in->e, RC_FORMAT, "%s: %s is no object",
			       in->name, out->path);
	out->path[strlen(out->path)] = '.'; /* zeros follow: see above */
	return RC_OK;
}

static int get_area(const struct in *in, struct ovmf_area *a)
{
	static const char *const keys[] = {"base", "size", NULL};
	json_t *v = json_object_get(in->j, "hashes_area");
	struct in area;
	int rc;

	if (json_is_null(v))
		return RC_OK;
	rc = get_object(in, v, "hashes_area", -1, &area);
	rc = rc ? rc : check_keys(&area, keys);
	rc = rc ? rc : get_address(&area, "base", &a->base);
	rc = rc ? rc : get_u32(&area, "size", &a->size);
	a->present = !rc;
	return rc;
}

static int get_section(const struct in *in, struct ovmf_sev_section *s)
{
	static const char *const keys[] = {"kind", "gpa", "size", NULL};
	int rc = check_keys(in, keys);

	rc = rc ? rc : get_u32(in, "kind", &s->kind);
	rc = rc ? rc : get_address(in, "gpa", &s->gpa);
	return rc ? rc : get_u32(in, "size", &s->size);
}

static int get_sections(const struct in *in, struct ovmf *o)
{
	json_t *v = json_object_get(in->j, "sev_sections");
	int rc = RC_OK;

	if (json_is_null(v))
		return RC_OK;
	if (!json_is_array(v))
		return err_set(in->e, RC_FORMAT, "%s: sev_sections is no array",
			       in->name);
	if (json_array_size(v) > OVMF_MAX_SECTIONS)
		return err_set(in->e, RC_LIMIT,
			       "%s: sev_sections: more than %d sections",
			       in->name, OVMF_MAX_SECTIONS);
	o->has_sev = true;
	o->nr_sev = json_array_size(v);
	for (size_t i = 0; !rc && i < o->nr_sev; i++) {
		struct in one;

		rc = get_object(in, json_array_get(v, i), "sev_sections",
				(int)i, &one);
		rc = rc ? rc : get_section(&one, &o->sev[i]);
	}
	return rc;
}

static int check_schema(const struct in *in)
{
	const char *s = json_string_value(json_object_get(in->j, "schema"));

	if (!s)
		return err_set(in->e, RC_FORMAT,
			       "%s: no firmware descriptor: it has no schema",
			       in->name);
	if (strcmp(s, DESCRIPTOR_SCHEMA) != 0)
		return err_set(in->e, RC_UNSUPPORTED,
			       "%s: schema '%s' is not " DESCRIPTOR_SCHEMA,
			       in->name, s);
	return RC_OK;
}

static int check_size(const struct in *in, uint64_t size)
{
	if (size == 0 || size % SNP_PAGE != 0)
		return err_set(in->e, RC_FORMAT,
			       "%s: size %" PRIu64
			       " is no multiple of 4096 above 0",
			       in->name, size);
	return RC_OK;
}

static int get_all(const struct in *in, struct firmware_descriptor *d)
{
	static const char *const keys[] = {
		"schema",    "size",	    "sha256",	    "firmware_hash",
		"reset_eip", "hashes_area", "sev_sections", NULL};
	struct ovmf *o = &d->ovmf;
	int rc = check_schema(in);

	rc = rc ? rc : check_keys(in, keys);
	rc = rc ? rc : get_integer(in, "size", MAX_SIZE, &d->size);
	rc = rc ? rc : check_size(in, d->size);
	rc = rc ? rc : get_digest(in, "sha256", d->sha256, SHA256_SIZE);
	rc = rc ? rc : get_digest(in, "firmware_hash", d->seed, SNP_DIGEST);
	o->size = d->size;
	o->has_reset = !json_is_null(json_object_get(in->j, "reset_eip"));
	if (!rc && o->has_reset)
		rc = get_address(in, "reset_eip", &o->reset_eip);
	/* As in the firmware itself: no VM starts processors there. */
	o->has_reset = o->has_reset && o->reset_eip != 0;
	rc = rc ? rc : get_area(in, &o->hashes);
	return rc ? rc : get_sections(in, o);
}

int descriptor_parse(const char *text, size_t len, const char *name,
		     struct firmware_descriptor *d, struct err *e)
{
	struct in in = {.name = name, .e = e};
	int rc = json_in_parse(text, len, name, &in.j, e);

	memset(d, 0, sizeof(*d));
	if (rc)
		return rc;
	if (json_is_object(in.j))
		rc = get_all(&in, d);
	else
		rc = err_set(e, RC_FORMAT,
			     "%s: no firmware descriptor: no JSON object",
			     name);
	json_decref(in.j);
	return rc;
}

/* Keeps of o what a file holds, so that both ways give the same. */
static void keep(const struct ovmf *o, struct ovmf *out)
{
	*out = (struct ovmf){
		.size = o->size,
		.has_reset = o->has_reset,
		.reset_eip = o->reset_eip,
		.hashes = o->hashes,
		.has_sev = o->has_sev,
		.nr_sev = o->nr_sev,
	};
	memcpy(out->sev, o->sev, sizeof(out->sev));
}

int descriptor_of(const uint8_t *image, size_t size,
		  struct firmware_descriptor *d, struct err *e)
{
	struct snp_launch l = {.sha384 = NULL};
	struct ovmf o;
	int rc;

	memset(d, 0, sizeof(*d));
	if (size == 0)
		return err_set(e, RC_FORMAT, "the firmware is empty");
	rc = ovmf_parse(image, size, &o, e);
	rc = rc ? rc : hash_bytes(SHA256_SIZE, image, size, d->sha256, e);
	if (rc)
		return rc;
	l.sha384 = hash_new(SHA384_SIZE, e);
	if (!l.sha384)
		return RC_IO;
	rc = snp_add_firmware(&l, image, size, e);
	rc = rc ? rc : hash_check(l.sha384, e);
	hash_free(l.sha384);
	keep(&o, &d->ovmf);
	memcpy(d->seed, l.digest, SNP_DIGEST);
	d->size = size;
	return rc;
}
