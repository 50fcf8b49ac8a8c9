/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_snp_id_block.c: mote-measure snp id-block, make and check ID blocks. */
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "id_block.h"
#include "inspect.h"

static const char help[] =
	"usage: mote-measure snp id-block --digest HEX --id-key FILE "
	"[OPTION]...\n"
	"       mote-measure snp id-block --to-sign id-block --digest HEX "
	"[OPTION]...\n"
	"       mote-measure snp id-block --to-sign id-key --id-public-key "
	"FILE\n"
	"       mote-measure snp id-block --check --id-auth FILE "
	"[--id-block FILE]\n\n"
	"  --digest HEX             launch digest, 48 bytes\n"
	"  --family-id HEX          16 bytes (zeros)\n"
	"  --image-id HEX           16 bytes (zeros)\n"
	"  --guest-svn N            security version of the guest (0)\n"
	"  --policy N               policy of the guest (0x30000)\n"
	"  --id-key FILE            private P-384 key that signs the ID "
	"block\n"
	"  --author-key FILE        private P-384 key that signs the ID key\n"
	"  --id-public-key FILE     instead of --id-key, with:\n"
	"  --id-signature FILE      signature of the ID block, DER\n"
	"  --author-public-key FILE instead of --author-key, with:\n"
	"  --author-signature FILE  signature of the ID key, DER\n"
	"  --id-block-out FILE      also write the ID block, 96 bytes\n"
	"  --id-auth-out FILE       also write the ID auth, 4096 bytes\n"
	"  --to-sign id-block|id-key  write the bytes that an external signer "
	"signs\n"
	"  --check                  verify the signatures of files\n"
	"  --id-auth FILE           the ID auth to check\n"
	"  --id-block FILE          and its ID block\n"
	"  --json, --quiet, --output FILE, --help\n";

/* Which options go together. */
enum mode { MAKE = 1, SIGN_BLOCK = 2, SIGN_KEY = 4, CHECK = 8 };

struct role_options {
	const char *key, *public, *signature;
};

struct job {
	struct opt_hex digest, family_id, image_id;
	struct opt_number guest_svn, policy;
	struct role_options id, author;
	const char *block_out, *auth_out, *to_sign, *block_in, *auth_in;
	bool check;
	enum mode mode;
	struct cmd_common common;
	struct id_block_result result;
	struct cmd_out out;
};

static bool given(const struct opt *o)
{
	switch (o->kind) {
	case OPT_FLAG:
		return *(const bool *)o->target;
	case OPT_STRING:
		return *(const char *const *)o->target != NULL;
	case OPT_HEX:
		return ((const struct opt_hex *)o->target)->set;
	default:
		return ((const struct opt_number *)o->target)->set;
	}
}

static int parse_role(const struct cmd *self, const struct role_options *r,
		      const char *role)
{
	if (r->key && (r->public || r->signature))
		return cmd_usage(self,
				 "--%s-key excludes --%s-public-key and "
				 "--%s-signature",
				 role, role, role);
	if (!r->public != !r->signature)
		return cmd_usage(self,
				 "--%s-public-key and --%s-signature go "
				 "together",
				 role, role);
	return OPT_DONE;
}

/* What the mode cannot do without. */
static int parse_mode(const struct cmd *self, const struct job *job)
{
	int code;

	switch (job->mode) {
	case CHECK:
		return job->auth_in ? OPT_DONE
				    : cmd_usage(self, "--id-auth is missing");
	case SIGN_KEY:
		return !job->id.key != !job->id.public
			       ? OPT_DONE
			       : cmd_usage(self, "give one of --id-public-key "
						 "and --id-key");
	case SIGN_BLOCK:
	case MAKE:
		break;
	}
	if (!job->digest.set)
		return cmd_usage(self, "--digest is missing");
	if (job->mode == SIGN_BLOCK)
		return OPT_DONE;
	if (!job->id.key && !job->id.public && !job->id.signature)
		return cmd_usage(self, "--id-key is missing");
	code = parse_role(self, &job->id, "id");
	return code == OPT_DONE ? parse_role(self, &job->author, "author")
				: code;
}

static int parse(const struct cmd *self, struct job *job,
		 const struct opt *table, const unsigned char *modes)
{
	static const char block[] = "id-block", key[] = "id-key";
	const char *word = job->to_sign;

	if (word && strcmp(word, block) != 0 && strcmp(word, key) != 0)
		return cmd_usage(self,
				 "--to-sign: '%s' is neither id-block nor "
				 "id-key",
				 word);
	job->mode = job->check		       ? CHECK
		    : !word		       ? MAKE
		    : strcmp(word, block) == 0 ? SIGN_BLOCK
					       : SIGN_KEY;
	for (size_t i = 0; table[i].name; i++)
		if (given(&table[i]) && !(modes[i] & job->mode))
			return cmd_usage(self, "--%s does not go with %s%s",
					 table[i].name,
					 job->mode == CHECK  ? "--check"
					 : job->mode == MAKE ? "signing"
							     : "--to-sign ",
					 job->mode & (SIGN_BLOCK | SIGN_KEY)
						 ? word
						 : "");
	if (word && (job->common.json || job->common.quiet))
		return cmd_usage(self, "--to-sign writes bytes: there is no "
				       "--json and no --quiet");
	return parse_mode(self, job);
}

/* A signer, and what it borrows. */
struct role {
	struct idb_signer signer;
	struct input signature;
};

static int load_key(const struct role_options *o, EVP_PKEY **key, struct err *e)
{
	const char *path = o->key ? o->key : o->public;
	struct input in;
	int rc = input_load(&in, INPUT_KEY, path, e);

	if (rc)
		return rc;
	rc = (o->key ? ecdsa_private : ecdsa_public)(in.data, in.len, key, e);
	OPENSSL_cleanse((void *)(uintptr_t)in.data, in.len);
	input_free(&in);
	return inspect_refuse(rc, path, e, e);
}

static int load_role(struct role *r, const struct role_options *o,
		     struct err *e)
{
	int rc = load_key(o, &r->signer.key, e);

	if (!rc)
		rc = input_load(&r->signature, INPUT_CERT, o->signature, e);
	r->signer.der = r->signature.data;
	r->signer.der_len = r->signature.len;
	return rc;
}

static void free_role(struct role *r)
{
	EVP_PKEY_free(r->signer.key);
	input_free(&r->signature);
}

static int make_block(struct job *job, struct err *e)
{
	struct idb_block *b = &job->result.fields;

	memcpy(b->ld, job->digest.b, sizeof(b->ld));
	memcpy(b->family_id, job->family_id.b, sizeof(b->family_id));
	memcpy(b->image_id, job->image_id.b, sizeof(b->image_id));
	b->guest_svn = (uint32_t)job->guest_svn.v;
	b->policy = job->policy.set ? job->policy.v : IDB_POLICY_DEFAULT;
	job->result.has_block = true;
	idb_block_write(b, job->result.block);
	return idb_policy_check(b->policy, e);
}

static int write_files(const struct job *job, struct err *e)
{
	const struct id_block_result *r = &job->result;
	int rc = RC_OK;

	if (job->block_out)
		rc = output_write(job->block_out, r->block, sizeof(r->block),
				  e);
	if (!rc && job->auth_out)
		rc = output_write(job->auth_out, r->auth_bytes,
				  sizeof(r->auth_bytes), e);
	return rc;
}

/* author may be NULL. A signature that is refused may be one of a file. */
static int sign(struct job *job, const struct role *id,
		const struct role *author, struct err *e)
{
	struct id_block_result *r = &job->result;
	int rc = idb_auth_make(r->block, &id->signer,
			       author ? &author->signer : NULL, &r->auth, e);
	const char *path =
		r->auth.has_author ? job->author.signature : job->id.signature;

	return path ? inspect_refuse(rc, path, e, e) : rc;
}

static int make(struct job *job, struct err *e)
{
	struct id_block_result *r = &job->result;
	struct role id = {0}, author = {0};
	bool has_author = job->author.key || job->author.public;
	int rc = make_block(job, e);

	if (!rc)
		rc = load_role(&id, &job->id, e);
	if (!rc && has_author)
		rc = load_role(&author, &job->author, e);
	if (!rc)
		rc = sign(job, &id, has_author ? &author : NULL, e);
	free_role(&id);
	free_role(&author);
	if (rc)
		return rc;
	idb_auth_write(&r->auth, r->auth_bytes);
	if (r->fields.policy & IDB_POLICY_DEBUG)
		cmd_warn("policy 0x%" PRIx64 " has the debug bit: the host "
			 "can read the guest",
			 r->fields.policy);
	rc = id_block_print(&job->out, &job->common, r, e);
	return rc ? rc : write_files(job, e);
}

static int check_files(const struct job *job, const struct input *auth,
		       const struct input *block, struct id_block_result *r,
		       struct err *e)
{
	int rc = idb_auth_parse(auth->data, auth->len, &r->auth, e);

	if (rc)
		return inspect_refuse(rc, job->auth_in, e, e);
	if (block->data) {
		rc = idb_block_parse(block->data, block->len, &r->fields, e);
		if (rc)
			return inspect_refuse(rc, job->block_in, e, e);
		r->has_block = true;
	}
	if (!block->data && !r->auth.has_author)
		return err_set(e, RC_FORMAT,
			       "%s: no author key: without --id-block no "
			       "signature can be verified",
			       job->auth_in);
	r->checked = true;
	rc = idb_auth_verify(&r->auth, block->data, e);
	return inspect_refuse(rc, job->auth_in, e, e);
}

static int check(struct job *job, struct err *e)
{
	struct input auth = {0}, block = {0};
	int rc = input_load(&auth, INPUT_CERT, job->auth_in, e);

	if (!rc)
		rc = input_load(&block, INPUT_CERT, job->block_in, e);
	if (!rc)
		rc = check_files(job, &auth, &block, &job->result, e);
	input_free(&auth);
	input_free(&block);
	return rc ? rc
		  : id_block_print(&job->out, &job->common, &job->result, e);
}

/* The bytes for an external signer; failures show at the end of f. */
static int to_sign(struct job *job, struct err *e)
{
	uint8_t key[IDB_KEY_SIZE];
	struct ecdsa_point point;
	EVP_PKEY *pkey = NULL;
	int rc;

	if (job->mode == SIGN_BLOCK) {
		rc = make_block(job, e);
		if (!rc)
			(void)fwrite(job->result.block, 1, IDB_BLOCK_SIZE,
				     job->out.f);
		return rc;
	}
	rc = load_key(&job->id, &pkey, e);
	if (!rc)
		rc = ecdsa_point_of(pkey, &point, e);
	EVP_PKEY_free(pkey);
	if (rc)
		return rc;
	idb_key_write(&point, key);
	(void)fwrite(key, 1, sizeof(key), job->out.f);
	return RC_OK;
}

static int run_job(struct job *job)
{
	struct err e = {""};
	int rc = cmd_out_begin(&job->out, &e);

	if (!rc)
		rc = job->mode == CHECK	 ? check(job, &e)
		     : job->mode == MAKE ? make(job, &e)
					 : to_sign(job, &e);
	if (!rc)
		return cmd_out_end(&job->out, &job->common);
	cmd_out_drop(&job->out);
	return cmd_fail(rc, &e);
}

static int run(const struct cmd *self, int argc, char **argv)
{
	static struct job job;
	enum { BLOCK = MAKE | SIGN_BLOCK, ID_KEY = MAKE | SIGN_KEY };
	const struct opt table[] = {
		{"digest", OPT_HEX, &job.digest, IDB_DIGEST},
		{"family-id", OPT_HEX, &job.family_id, IDB_ID},
		{"image-id", OPT_HEX, &job.image_id, IDB_ID},
		{"guest-svn", OPT_NUMBER, &job.guest_svn, UINT32_MAX},
		{"policy", OPT_NUMBER, &job.policy, UINT64_MAX},
		{"id-key", OPT_STRING, &job.id.key, 0},
		{"id-public-key", OPT_STRING, &job.id.public, 0},
		{"id-signature", OPT_STRING, &job.id.signature, 0},
		{"author-key", OPT_STRING, &job.author.key, 0},
		{"author-public-key", OPT_STRING, &job.author.public, 0},
		{"author-signature", OPT_STRING, &job.author.signature, 0},
		{"id-block-out", OPT_STRING, &job.block_out, 0},
		{"id-auth-out", OPT_STRING, &job.auth_out, 0},
		{"to-sign", OPT_STRING, &job.to_sign, 0},
		{"check", OPT_FLAG, &job.check, 0},
		{"id-auth", OPT_STRING, &job.auth_in, 0},
		{"id-block", OPT_STRING, &job.block_in, 0},
		{NULL, OPT_FLAG, NULL, 0},
	};
	/* The modes of each of them. */
	static const unsigned char modes[] = {
		BLOCK,	BLOCK,
		BLOCK,	BLOCK,
		BLOCK,	ID_KEY,
		ID_KEY, MAKE,
		MAKE,	MAKE,
		MAKE,	MAKE,
		MAKE,	SIGN_BLOCK | SIGN_KEY,
		CHECK,	CHECK,
		CHECK,
	};
	int code =
		opt_parse(self, table, argc, argv, &job.common, NULL, 0, NULL);

	if (code == OPT_DONE)
		code = parse(self, &job, table, modes);
	return code == OPT_DONE ? run_job(&job) : code;
}

const struct cmd cmd_snp_id_block = {
	"snp id-block",
	"sign the identity of an SEV-SNP guest, or check it",
	help,
	run,
};
