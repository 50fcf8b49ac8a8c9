/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect_image.c: whether an image folder is what its manifest.json says.
 *
 * manifest.json lists each artefact with size, SHA-256 and SHA-384; those that
 * are files of the folder are compared. SHA256SUMS has one line "HEX  NAME"
 * for each file of the folder but itself. (docs/mote-image.5)
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "hash.h"
#include "hex.h"
#include "inspect.h"
#include "json_in.h"
#include "kernel.h"

enum { MAX_TEXT = 1 << 20 };

static const char *const in_folder[] = {"vmlinuz", "root.img", "cmdline",
					"manifest.json"};
enum {
	VMLINUZ,
	ROOT,
	CMDLINE,
	MANIFEST,
	NR_FILES,
};

/* A folder that is being looked at. */
struct folder {
	const char *path;
	json_t *manifest;
	struct sums is[NR_FILES];		  /* of the files */
	const char *cmdline, *roothash, *version; /* of the manifest */
	uint64_t root_size;			  /* by the manifest's blocks */
	bool listed[NR_FILES];			  /* in SHA256SUMS */
	struct report *r;
};

static char *path_of(const struct folder *d, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", d->path, name) < 0 ? NULL : path;
}

static int sum_files(struct folder *d, struct err *e)
{
	int rc = RC_OK;

	for (int i = 0; !rc && i < NR_FILES; i++) {
		char *path = path_of(d, in_folder[i]);

		if (path)
			output_protect(path);
		rc = path ? inspect_sum(path, &d->is[i], e) : err_nomem(e);
		free(path);
	}
	return rc;
}

/* "NAME: what" of the folder is not as it should be. */
static int bad(const struct folder *d, int rc, const char *name,
	       const char *what, struct err *e)
{
	return err_set(e, rc, "%s/%s: %s", d->path, name, what);
}

static int file_index(const char *name)
{
	int i = 0;

	while (i < NR_FILES && strcmp(in_folder[i], name) != 0)
		i++;
	return i;
}

/* One element of "artefacts". */
static int read_artefact(const struct folder *d, json_t *j, const char **name,
			 struct sums *s, struct err *e)
{
	const char *sha256, *sha384;
	json_int_t size;

	if (json_unpack(j, "{s:s, s:I, s:s, s:s}", "name", name, "size", &size,
			"sha256", &sha256, "sha384", &sha384) ||
	    size < 0 || !hex_parse(sha256, s->sha256, SHA256_SIZE) ||
	    !hex_parse(sha384, s->sha384, SHA384_SIZE))
		return bad(d, RC_FORMAT, "manifest.json",
			   "an artefact without name, size, sha256 and sha384",
			   e);
	s->size = (uint64_t)size;
	return RC_OK;
}

static int compare(const struct folder *d, int i, const struct sums *s,
		   struct err *e)
{
	const struct sums *is = &d->is[i];

	if (is->size != s->size)
		return err_set(e, RC_MISMATCH,
			       "%s/%s: %" PRIu64 " bytes, manifest.json says "
			       "%" PRIu64,
			       d->path, in_folder[i], is->size, s->size);
	if (memcmp(is->sha256, s->sha256, SHA256_SIZE) != 0)
		return bad(d, RC_MISMATCH, in_folder[i],
			   "its SHA-256 is not that of manifest.json", e);
	if (memcmp(is->sha384, s->sha384, SHA384_SIZE) != 0)
		return bad(d, RC_MISMATCH, in_folder[i],
			   "its SHA-384 is not that of manifest.json", e);
	return RC_OK;
}

static json_t *artefact_json(const char *name, const struct sums *s,
			     bool compared)
{
	return json_pack("{s:s, s:I, s:o, s:o, s:b}", "name", name, "size",
			 (json_int_t)s->size, "sha256",
			 cmd_json_hex(s->sha256, SHA256_SIZE), "sha384",
			 cmd_json_hex(s->sha384, SHA384_SIZE), "compared",
			 compared);
}

static int check_artefacts(struct folder *d, struct err *e)
{
	json_t *list = json_object_get(d->manifest, "artefacts"), *j;
	json_t *all = json_array();
	bool seen[NR_FILES] = {false};
	int rc = RC_OK;
	size_t n;

	if (!all)
		return err_nomem(e);
	report_set(d->r, "artefacts", json_incref(all));
	json_array_foreach(list, n, j)
	{
		const char *name = NULL;
		struct sums s;
		int i;

		rc = read_artefact(d, j, &name, &s, e);
		if (rc)
			break;
		i = file_index(name);
		if (i < MANIFEST) {
			seen[i] = true;
			rc = compare(d, i, &s, e);
		}
		if (rc)
			break;
		report_append(d->r, all, artefact_json(name, &s, i < MANIFEST));
	}
	json_decref(all);
	if (rc)
		return rc;
	for (int i = 0; i < MANIFEST; i++)
		if (!seen[i])
			return err_set(e, RC_FORMAT,
				       "%s/manifest.json: no artefact %s",
				       d->path, in_folder[i]);
	return RC_OK;
}

/* "HEX  NAME" without its line feed. */
static int check_line(struct folder *d, char *line, struct err *e)
{
	enum { DIGITS = 2 * SHA256_SIZE };
	uint8_t sum[SHA256_SIZE];
	int i;

	if (strlen(line) < DIGITS + 3 || line[DIGITS] != ' ' ||
	    line[DIGITS + 1] != ' ')
		return bad(d, RC_FORMAT, "SHA256SUMS",
			   "a line is not HEX, two blanks, NAME", e);
	line[DIGITS] = '\0';
	if (!hex_parse(line, sum, sizeof(sum)))
		return bad(d, RC_FORMAT, "SHA256SUMS",
			   "a line is not HEX, two blanks, NAME", e);
	i = file_index(line + DIGITS + 2);
	if (i == NR_FILES || d->listed[i])
		return err_set(e, RC_FORMAT,
			       "%s/SHA256SUMS: '%s' is unknown or twice there",
			       d->path, line + DIGITS + 2);
	d->listed[i] = true;
	if (memcmp(sum, d->is[i].sha256, sizeof(sum)) != 0)
		return bad(d, RC_MISMATCH, in_folder[i],
			   "its SHA-256 is not that of SHA256SUMS", e);
	return RC_OK;
}

static int check_sums(struct folder *d, struct err *e)
{
	char *path = path_of(d, "SHA256SUMS"), *text = NULL, *save = NULL;
	size_t len;
	int rc =
		path ? file_load(path, MAX_TEXT, &text, &len, e) : err_nomem(e);

	if (path)
		output_protect(path);
	for (char *line = rc ? NULL : strtok_r(text, "\n", &save); !rc && line;
	     line = strtok_r(NULL, "\n", &save))
		rc = check_line(d, line, e);
	for (int i = 0; !rc && i < NR_FILES; i++)
		if (!d->listed[i])
			rc = err_set(e, RC_FORMAT,
				     "%s/SHA256SUMS: %s is not there", d->path,
				     in_folder[i]);
	free(text);
	free(path);
	return rc;
}

/* At most 2^32 blocks of at most 64 KiB, so that nothing overflows. */
static bool blocks(json_int_t n, json_int_t size, uint64_t *bytes)
{
	if (n < 0 || n > UINT32_MAX || size < 512 || size > 65536)
		return false;
	*bytes += (uint64_t)n * (uint64_t)size;
	return true;
}

static int read_manifest(struct folder *d, struct err *e)
{
	const char *mote, *flavor, *profile;
	json_int_t data, data_size, hash, hash_size;
	uint8_t digest[SHA256_SIZE];

	if (json_unpack(d->manifest,
			"{s:s, s:s, s:s, s:{s:s}, s:s,"
			" s:{s:s, s:I, s:I, s:I, s:I}}",
			"mote", &mote, "flavor", &flavor, "profile", &profile,
			"kernel", "version", &d->version, "cmdline",
			&d->cmdline, "verity", "roothash", &d->roothash,
			"data_blocks", &data, "data_block_size", &data_size,
			"hash_blocks", &hash, "hash_block_size", &hash_size) ||
	    !hex_parse(d->roothash, digest, sizeof(digest)) ||
	    !blocks(data, data_size, &d->root_size) ||
	    !blocks(hash, hash_size, &d->root_size))
		return bad(d, RC_FORMAT, "manifest.json",
			   "mote, flavor, profile, kernel, cmdline or verity "
			   "is missing or malformed",
			   e);
	report_string(d->r, "mote", mote);
	report_string(d->r, "flavor", flavor);
	report_string(d->r, "profile", profile);
	report_string(d->r, "kernel_version", d->version);
	report_string(d->r, "root_hash", d->roothash);
	report_string(d->r, "cmdline", d->cmdline);
	return RC_OK;
}

/* What the manifest says in further places of the same files. */
static int check_claims(const struct folder *d, struct err *e)
{
	char *path = path_of(d, "cmdline"), *text = NULL;
	size_t len = 0;
	int rc =
		path ? file_load(path, MAX_TEXT, &text, &len, e) : err_nomem(e);

	if (!rc &&
	    (len != strlen(d->cmdline) || memcmp(text, d->cmdline, len) != 0))
		rc = bad(d, RC_MISMATCH, "cmdline",
			 "manifest.json has another command line", e);
	else if (!rc && !strstr(text, d->roothash))
		rc = bad(d, RC_MISMATCH, "cmdline",
			 "it does not have the root hash of manifest.json", e);
	else if (!rc && d->root_size != d->is[ROOT].size)
		rc = err_set(e, RC_MISMATCH,
			     "%s/root.img: %" PRIu64 " bytes, its blocks in "
			     "manifest.json are %" PRIu64,
			     d->path, d->is[ROOT].size, d->root_size);
	free(text);
	free(path);
	return rc;
}

static int check_kernel(const struct folder *d, struct err *e)
{
	char *path = path_of(d, "vmlinuz");
	const char *want =
		json_string_value(json_object_get(d->r->j, "kernel_version"));
	struct input in = {0};
	struct kernel k;
	struct err why = {""};
	int rc = path ? input_load(&in, INPUT_KERNEL, path, e) : err_nomem(e);

	if (!rc) {
		const char *warning = kernel_hash_warning(in.data, in.len);

		if (warning)
			report_warn(d->r, "%s", warning);
		rc = kernel_parse(in.data, in.len, &k, &why);
		if (rc)
			(void)inspect_refuse(rc, path, &why, e);
		else if (strncmp(k.version, want, strlen(want)) != 0)
			report_warn(d->r,
				    "vmlinuz says that it is '%s', "
				    "manifest.json '%s'",
				    k.version, want);
	}
	input_free(&in);
	free(path);
	return rc;
}

int inspect_image(const char *folder, struct report *r, struct err *e)
{
	struct folder d = {.path = folder, .r = r};
	char *path = path_of(&d, "manifest.json");
	int rc;

	report_begin(r, "image");
	if (!path)
		return err_nomem(e);
	if (access(path, F_OK))
		rc = err_set(e, RC_FORMAT,
			     "%s: no image folder: it has no manifest.json",
			     folder);
	else
		rc = json_in_load(path, MAX_TEXT, &d.manifest, e);
	rc = rc ? rc : sum_files(&d, e);
	rc = rc ? rc : read_manifest(&d, e);
	rc = rc ? rc : check_artefacts(&d, e);
	rc = rc ? rc : check_sums(&d, e);
	rc = rc ? rc : check_claims(&d, e);
	rc = rc ? rc : check_kernel(&d, e);
	json_decref(d.manifest);
	free(path);
	return rc ? rc : report_end(r, e);
}
