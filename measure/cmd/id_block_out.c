/* SPDX-License-Identifier: Apache-2.0 */
/* id_block_out.c: an ID block and its ID auth as text, JSON or hex. */
#include <inttypes.h>
#include <openssl/evp.h>

#include "hex.h"
#include "id_block.h"

/* EVP_EncodeBlock(): four characters for three bytes, and a NUL. */
#define BASE64(n) (((n) + 2) / 3 * 4 + 1)

struct texts {
	char block[BASE64(IDB_BLOCK_SIZE)], auth[BASE64(IDB_AUTH_SIZE)];
	uint8_t id_digest[IDB_DIGEST], author_digest[IDB_DIGEST];
};

static void line(FILE *f, const char *name, const uint8_t *p, size_t n)
{
	char text[2 * IDB_AUTH_SIZE + 1];

	hex_format(p, n, text);
	fprintf(f, "%-20s%s\n", name, text);
}

static void print_fields(FILE *f, const struct idb_block *b)
{
	line(f, "digest", b->ld, IDB_DIGEST);
	line(f, "family_id", b->family_id, IDB_ID);
	line(f, "image_id", b->image_id, IDB_ID);
	fprintf(f, "%-20s%" PRIu32 "\n", "guest_svn", b->guest_svn);
	fprintf(f, "%-20s0x%" PRIx64 "\n", "policy", b->policy);
}

static const char *block_signature(const struct id_block_result *r)
{
	return r->has_block ? "verified" : "not checked";
}

static const char *key_signature(const struct id_block_result *r)
{
	return r->auth.has_author ? "verified" : "none";
}

/* One property a line: the last one has thousands of characters. */
static void print_qemu(FILE *f, const struct id_block_result *r,
		       const struct texts *t)
{
	fprintf(f, "%-20spolicy=0x%" PRIx64 "\n", "qemu", r->fields.policy);
	if (r->auth.has_author)
		fprintf(f, "%-20sauthor-key-enabled=on\n", "qemu");
	fprintf(f, "%-20sid-block=%s\n", "qemu", t->block);
	fprintf(f, "%-20sid-auth=%s\n", "qemu", t->auth);
}

static void print_text(FILE *f, const struct id_block_result *r,
		       const struct texts *t)
{
	if (r->has_block)
		print_fields(f, &r->fields);
	line(f, "id_key_digest", t->id_digest, IDB_DIGEST);
	if (r->auth.has_author)
		line(f, "author_key_digest", t->author_digest, IDB_DIGEST);
	else
		fprintf(f, "%-20snone\n", "author_key_digest");
	if (r->checked)
		fprintf(f, "%-20s%s\n%-20s%s\n", "id_block_signature",
			block_signature(r), "id_key_signature",
			key_signature(r));
	else
		print_qemu(f, r, t);
}

static void print_quiet(FILE *f, const struct id_block_result *r)
{
	char text[2 * IDB_AUTH_SIZE + 1];

	if (r->checked)
		return;
	hex_format(r->block, sizeof(r->block), text);
	fprintf(f, "%s\n", text);
	hex_format(r->auth_bytes, sizeof(r->auth_bytes), text);
	fprintf(f, "%s\n", text);
}

/* Takes over value, as the _new functions of jansson do. */
static int add(json_t *j, const char *key, json_t *value)
{
	return json_object_set_new(j, key, value);
}

static int add_fields(json_t *j, const struct idb_block *b)
{
	int bad = add(j, "digest", cmd_json_hex(b->ld, IDB_DIGEST));

	bad |= add(j, "family_id", cmd_json_hex(b->family_id, IDB_ID));
	bad |= add(j, "image_id", cmd_json_hex(b->image_id, IDB_ID));
	bad |= add(j, "version", json_integer(1));
	bad |= add(j, "guest_svn", json_integer(b->guest_svn));
	bad |= add(j, "policy", cmd_json_number(b->policy));
	return bad;
}

static int add_all(json_t *j, const struct id_block_result *r,
		   const struct texts *t)
{
	int bad = add(j, "schema", json_string("mote-snp-id-block-1"));

	if (r->has_block)
		bad |= add_fields(j, &r->fields);
	bad |= add(j, "id_key_digest", cmd_json_hex(t->id_digest, IDB_DIGEST));
	bad |= add(j, "author_key_enabled", json_boolean(r->auth.has_author));
	bad |= add(j, "author_key_digest",
		   r->auth.has_author
			   ? cmd_json_hex(t->author_digest, IDB_DIGEST)
			   : json_null());
	if (r->checked) {
		bad |= add(j, "id_block_signature",
			   json_string(block_signature(r)));
		bad |= add(j, "id_key_signature",
			   json_string(key_signature(r)));
	} else {
		bad |= add(j, "id_block_base64", json_string(t->block));
		bad |= add(j, "id_auth_base64", json_string(t->auth));
	}
	return bad;
}

static json_t *to_json(const struct id_block_result *r, const struct texts *t)
{
	json_t *j = json_object();

	if (!j || !add_all(j, r, t))
		return j;
	json_decref(j);
	return NULL;
}

int id_block_print(struct cmd_out *o, const struct cmd_common *c,
		   const struct id_block_result *r, struct err *e)
{
	struct texts t = {0};
	int rc;

	if (c->quiet) {
		print_quiet(o->f, r);
		return RC_OK;
	}
	rc = idb_key_digest(&r->auth.id_key, t.id_digest, e);
	if (!rc && r->auth.has_author)
		rc = idb_key_digest(&r->auth.author_key, t.author_digest, e);
	if (rc)
		return rc;
	(void)EVP_EncodeBlock((unsigned char *)t.block, r->block,
			      sizeof(r->block));
	(void)EVP_EncodeBlock((unsigned char *)t.auth, r->auth_bytes,
			      sizeof(r->auth_bytes));
	if (c->json)
		return cmd_out_json(o, to_json(r, &t), e);
	print_text(o->f, r, &t);
	return RC_OK;
}
