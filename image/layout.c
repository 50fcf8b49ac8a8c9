/* SPDX-License-Identifier: Apache-2.0 */
/* layout.c: choosing one image of an OCI layout or docker-archive. */
/*
 * OCI image layout, image-spec 1.0: index.json is an index; its manifests are
 * descriptors {mediaType, digest, size, platform?, annotations?}; a descriptor
 * points to blobs/sha256/HEX, which is a manifest or a further index. The
 * annotation org.opencontainers.image.ref.name is what is called a tag.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json_in.h"
#include "layout.h"

#define MAX_JSON (4UL * 1024 * 1024)
#define MAX_MANIFESTS 256
#define MAX_NESTED 4
#define MAX_LAYERS 512
#define REF_NAME "org.opencontainers.image.ref.name"
#define INDEX_TYPE "application/vnd.oci.image.index.v1+json"
#define LIST_TYPE "application/vnd.docker.distribution.manifest.list.v2+json"
#define LAYER_TYPE "application/vnd.oci.image.layer.v1.tar"

struct pick {
	const char *layout;
	json_t *found;	/* array of descriptors, each once */
	char seen[512]; /* what there is, for messages */
	unsigned int nested;
	struct err *e;
};

static const char *text_of(const json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s ? s : "";
}

/* Path of the blob of a descriptor, relative to the layout. */
static int blob_path(const json_t *desc, char *out, size_t size, struct err *e)
{
	const char *digest = text_of(desc, "digest");

	if (strncmp(digest, "sha256:", 7) != 0 || strlen(digest) != 7 + 64 ||
	    strspn(digest + 7, "0123456789abcdef") != 64)
		return err_set(e, RC_FORMAT,
			       "digest \"%s\" is not sha256: and 64 hex digits",
			       digest);
	if (snprintf(out, size, "blobs/sha256/%s", digest + 7) >= (int)size)
		return err_set(e, RC_IO, "path too long");
	return RC_OK;
}

static int load(const char *layout, const char *file, json_t **out,
		struct err *e)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", layout, file) >= PATH_MAX)
		return err_set(e, RC_IO, "%s: path too long", layout);
	return json_in_load(path, MAX_JSON, out, e);
}

static int load_blob(const char *layout, const json_t *desc, json_t **out,
		     struct err *e)
{
	char path[128];
	int rc = blob_path(desc, path, sizeof(path), e);

	return rc ? rc : load(layout, path, out, e);
}

/* The list of descriptors in an index. */
static int manifests_of(const json_t *index, json_t **out, struct err *e)
{
	json_t *list = json_object_get(index, "manifests");

	if (!json_is_array(list))
		return err_set(e, RC_FORMAT, "image index without manifests");
	if (json_array_size(list) > MAX_MANIFESTS)
		return err_set(e, RC_LIMIT,
			       "image index with more than %d "
			       "manifests",
			       MAX_MANIFESTS);
	*out = list;
	return RC_OK;
}

/* Remembers a name for the message that says what there is. */
static void note_seen(char *seen, size_t size, const char *name)
{
	size_t len = strlen(seen);

	(void)snprintf(seen + len, size - len, "%s%s", len > 0 ? ", " : "",
		       name); /* may be cut off */
}

static void note_descriptor(struct pick *p, const json_t *desc)
{
	const json_t *plat = json_object_get(desc, "platform");
	const char *tag =
		text_of(json_object_get(desc, "annotations"), REF_NAME);
	char name[256];

	if (tag[0])
		(void)snprintf(name, sizeof(name), "%s", tag);
	else if (plat)
		(void)snprintf(name, sizeof(name), "%s/%s", text_of(plat, "os"),
			       text_of(plat, "architecture"));
	else
		(void)snprintf(name, sizeof(name), "%s",
			       text_of(desc, "digest"));
	note_seen(p->seen, sizeof(p->seen), name);
}

static bool right_platform(const json_t *desc)
{
	const json_t *plat = json_object_get(desc, "platform");

	return !plat || (strcmp(text_of(plat, "os"), "linux") == 0 &&
			 strcmp(text_of(plat, "architecture"), "amd64") == 0);
}

static bool is_index(const json_t *desc)
{
	const char *type = text_of(desc, "mediaType");

	return strcmp(type, INDEX_TYPE) == 0 || strcmp(type, LIST_TYPE) == 0;
}

/* Adds a manifest to what was found, unless it is there already. */
static int found(struct pick *p, const json_t *desc)
{
	json_t *d, *known;
	char path[128];
	size_t i;
	int rc = blob_path(desc, path, sizeof(path), p->e);

	if (rc)
		return rc;
	for (i = 0; i < json_array_size(p->found); i++) {
		known = json_array_get(p->found, i);
		if (strcmp(text_of(known, "digest"), text_of(desc, "digest")) ==
		    0)
			return RC_OK;
	}
	d = json_pack("{s:s, s:s, s:O, s:{s:s}}", "mediaType",
		      text_of(desc, "mediaType"), "digest",
		      text_of(desc, "digest"), "size",
		      json_object_get(desc, "size"), "annotations", REF_NAME,
		      "app");
	if (!d || json_array_append_new(p->found, d))
		return err_set(p->e, RC_FORMAT,
			       "image index: descriptor without a size");
	return RC_OK;
}

static int search(struct pick *p, const json_t *index, const char *tag);

static int consider(struct pick *p, const json_t *desc, const char *tag)
{
	json_t *index;
	int rc;

	note_descriptor(p, desc);
	if (tag && strcmp(tag, text_of(json_object_get(desc, "annotations"),
				       REF_NAME)) != 0)
		return RC_OK;
	if (!is_index(desc))
		return right_platform(desc) ? found(p, desc) : RC_OK;
	if (++p->nested > MAX_NESTED)
		return err_set(p->e, RC_LIMIT, "more than %d nested indexes",
			       MAX_NESTED);
	rc = load_blob(p->layout, desc, &index, p->e);
	if (rc)
		return rc;
	rc = search(p, index, NULL);
	json_decref(index);
	return rc;
}

static int search(struct pick *p, const json_t *index, const char *tag)
{
	json_t *list, *desc;
	size_t i;
	int rc = manifests_of(index, &list, p->e);

	if (rc)
		return rc;
	for (i = 0; i < json_array_size(list); i++) {
		desc = json_array_get(list, i);
		rc = consider(p, desc, tag);
		if (rc)
			return rc;
	}
	return RC_OK;
}

static int dump(const json_t *json, FILE *out, struct err *e)
{
	if (json_dumpf(json, out, JSON_COMPACT) || fputc('\n', out) == EOF)
		return err_sys(e, "cannot write");
	return RC_OK;
}

/* One image, no more and no less. */
static int judge(const struct pick *p, const char *tag)
{
	size_t n = json_array_size(p->found);

	if (n == 1)
		return RC_OK;
	if (n == 0 && tag)
		return err_set(p->e, RC_FORMAT,
			       "%s: no image for linux/amd64 with tag \"%s\"; "
			       "there is: %s",
			       p->layout, tag, p->seen);
	if (n == 0)
		return err_set(p->e, RC_FORMAT,
			       "%s: no image for linux/amd64; there is: %s",
			       p->layout, p->seen);
	return err_set(p->e, RC_FORMAT,
		       "%s: %zu images for linux/amd64; choose one with "
		       "APP=PATH:TAG; there is: %s",
		       p->layout, n, p->seen);
}

int layout_pick(const char *layout, const char *tag, FILE *out, struct err *e)
{
	struct pick p = {.layout = layout, .e = e};
	json_t *index, *result;
	int rc = load(layout, "index.json", &index, e);

	if (rc)
		return rc;
	p.found = json_array();
	rc = p.found ? search(&p, index, tag) : err_nomem(e);
	json_decref(index);
	if (!rc)
		rc = judge(&p, tag);
	if (!rc) {
		result = json_pack("{s:i, s:O}", "schemaVersion", 2,
				   "manifests", p.found);
		rc = result ? dump(result, out, e) : err_nomem(e);
		json_decref(result);
	}
	json_decref(p.found);
	return rc;
}

/* "redis:7" has the tags "redis:7" and "7". */
static bool has_tag(const json_t *image, const char *tag)
{
	json_t *name;
	size_t i;

	for (i = 0; i < json_array_size(json_object_get(image, "RepoTags"));
	     i++) {
		name = json_array_get(json_object_get(image, "RepoTags"), i);
		const char *full = json_string_value(name);
		const char *colon = full ? strrchr(full, ':') : NULL;

		if (full && (strcmp(full, tag) == 0 ||
			     (colon && strcmp(colon + 1, tag) == 0)))
			return true;
	}
	return false;
}

static void note_image(char *seen, size_t size, const json_t *image)
{
	json_t *tags = json_object_get(image, "RepoTags");

	for (size_t i = 0; i < json_array_size(tags); i++) {
		json_t *name = json_array_get(tags, i);

		note_seen(seen, size,
			  json_is_string(name) ? json_string_value(name) : "?");
	}
	if (json_array_size(tags) == 0)
		note_seen(seen, size, "(an image without a tag)");
}

int layout_pick_docker(const char *name, const char *text, const char *tag,
		       FILE *out, struct err *e)
{
	json_t *list, *image;
	size_t i, n = 0, at = 0;
	char seen[512] = "";
	int rc = json_in_parse(text, strlen(text), "manifest.json", &list, e);

	if (rc)
		return rc;
	for (i = 0; i < json_array_size(list); i++) {
		image = json_array_get(list, i);
		note_image(seen, sizeof(seen), image);
		if (!tag || has_tag(image, tag)) {
			at = i;
			n++;
		}
	}
	json_decref(list);
	if (n == 0)
		return err_set(e, RC_FORMAT,
			       "%s: no image with tag \"%s\"; there is: %s",
			       name, tag ? tag : "", seen);
	if (n > 1)
		return err_set(e, RC_FORMAT,
			       "%s: %zu images; choose one with APP=PATH:TAG; "
			       "there is: %s",
			       name, n, seen);
	if (fprintf(out, "%zu\n", at) < 0)
		return err_sys(e, "cannot write");
	return RC_OK;
}

static int check_layer_type(const json_t *desc, size_t nr, struct err *e)
{
	const char *type = text_of(desc, "mediaType");

	if (strcmp(type, LAYER_TYPE) == 0 ||
	    strcmp(type, LAYER_TYPE "+gzip") == 0)
		return RC_OK;
	return err_set(e, RC_UNSUPPORTED,
		       "layer %zu is of type \"%s\"; only tar, plain or gzip, "
		       "can be unpacked",
		       nr, type);
}

static int put_files(const json_t *manifest, FILE *out, struct err *e)
{
	json_t *layers = json_object_get(manifest, "layers"), *desc;
	char path[128];
	size_t i;
	int rc;

	rc = blob_path(json_object_get(manifest, "config"), path, sizeof(path),
		       e);
	if (rc)
		return rc;
	if (!json_is_array(layers) || json_array_size(layers) == 0)
		return err_set(e, RC_FORMAT, "image without layers");
	if (json_array_size(layers) > MAX_LAYERS)
		return err_set(e, RC_LIMIT, "more than %d layers", MAX_LAYERS);
	fprintf(out, "%s\n", path);
	for (i = 0; i < json_array_size(layers); i++) {
		desc = json_array_get(layers, i);
		rc = check_layer_type(desc, i + 1, e);
		if (!rc)
			rc = blob_path(desc, path, sizeof(path), e);
		if (rc)
			return rc;
		fprintf(out, "%s\n", path);
	}
	return ferror(out) ? err_sys(e, "cannot write") : RC_OK;
}

int layout_files(const char *layout, FILE *out, struct err *e)
{
	json_t *index, *list, *manifest;
	int rc = load(layout, "index.json", &index, e);

	if (rc)
		return rc;
	rc = manifests_of(index, &list, e);
	if (!rc && json_array_size(list) != 1)
		rc = err_set(e, RC_FORMAT, "%s: not exactly one image", layout);
	if (!rc)
		rc = load_blob(layout, json_array_get(list, 0), &manifest, e);
	json_decref(index);
	if (rc)
		return rc;
	rc = put_files(manifest, out, e);
	json_decref(manifest);
	return rc;
}
