/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_cert_chain.c: from the certificate of a VCEK or VLEK to AMD's root.
 *
 * AMD 57230, chapters 2 and 3: a root key (ARK) signs itself and, for each
 * product, one key for chips (ASK, "SEV-Milan") and one for clouds (ASVK,
 * "SEV-VLEK-Milan"), which sign VCEKs and VLEKs ("SEV-VCEK", "SEV-VLEK"). The
 * first three are RSA with 4096 bits and sign by RSASSA-PSS with SHA-384
 * throughout and 48 bytes of salt; VCEK and VLEK are ECDSA keys on P-384.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hash.h"
#include "report_cert.h"

enum { CHAIN = 3, RSA_BITS = 4096 };

/*
 * Of the certificates that https://kdsintf.amd.com/vcek/v1/PRODUCT/cert_chain
 * serves.
 */
static const struct snp_root amd_roots[] = {
	{SNP_MILAN, {0x12, 0x49, 0xf6, 0x7f, 0x15, 0xcf, 0x22, 0x9a, 0x40, 0x69,
		     0x19, 0x5e, 0x1a, 0x9c, 0xe5, 0x37, 0xd1, 0x76, 0x5e, 0xf7,
		     0x06, 0xa1, 0xf4, 0xa1, 0x23, 0xc3, 0x6b, 0xe9, 0x51, 0x87,
		     0x86, 0x51, 0x5d, 0x25, 0xec, 0xc0, 0x07, 0xf3, 0x66, 0xb5,
		     0x64, 0xd2, 0xb3, 0xf3, 0x1c, 0x48, 0x08, 0x2e}},
	{SNP_GENOA, {0x32, 0xab, 0x53, 0xa6, 0xce, 0x5e, 0xc1, 0x49, 0x26, 0x20,
		     0x73, 0x96, 0xe5, 0xc4, 0x75, 0xae, 0x76, 0x8a, 0x6a, 0x98,
		     0x31, 0xb7, 0xe8, 0x60, 0xb5, 0xac, 0xf2, 0xe1, 0xc1, 0xdf,
		     0xf2, 0x22, 0xbc, 0x5a, 0x8b, 0xfc, 0x43, 0xeb, 0x5e, 0x06,
		     0x39, 0x31, 0x89, 0xc1, 0xf2, 0x46, 0xd8, 0x80}},
	{SNP_TURIN, {0x34, 0x75, 0xf0, 0x8a, 0x97, 0x27, 0xf8, 0xac, 0x9a, 0x1d,
		     0xea, 0xea, 0x5f, 0x2a, 0x20, 0x97, 0xaa, 0x59, 0xd6, 0x4d,
		     0x05, 0xc2, 0xa6, 0x78, 0xc2, 0x29, 0xc8, 0x73, 0xe6, 0x35,
		     0x9d, 0x3a, 0x69, 0x26, 0x28, 0x7a, 0x2a, 0x22, 0xcd, 0x5f,
		     0x88, 0xa3, 0x85, 0xe3, 0x33, 0xa2, 0xfc, 0xc5}},
};

const struct snp_root *snp_amd_roots(size_t *n)
{
	*n = sizeof(amd_roots) / sizeof(amd_roots[0]);
	return amd_roots;
}

static int bad_name(struct err *e)
{
	return err_set(e, RC_FORMAT,
		       "certificate: a name without exactly one common name "
		       "in ASCII");
}

int snp_cert_name(const X509_NAME *n, char out[SNP_CERT_NAME], struct err *e)
{
	int i = X509_NAME_get_index_by_NID(n, NID_commonName, -1), len;
	unsigned char *utf8 = NULL;
	const X509_NAME_ENTRY *entry;

	if (i < 0 || X509_NAME_get_index_by_NID(n, NID_commonName, i) >= 0)
		return bad_name(e);
	entry = X509_NAME_get_entry(n, i);
	len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
	for (i = 0; i < len && i < SNP_CERT_NAME; i++) {
		out[i] = (char)utf8[i];
		if (utf8[i] < 0x20 || utf8[i] > 0x7e)
			len = -1;
	}
	OPENSSL_free(utf8);
	if (len <= 0 || len >= SNP_CERT_NAME)
		return bad_name(e);
	out[len] = '\0';
	return RC_OK;
}

/* *product stays as it is if the key of x is none of the roots. */
static int find_root(const X509 *x, const struct snp_cert_files *files,
		     enum snp_product *product, struct err *e)
{
	uint8_t sum[SHA384_SIZE];
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der), rc;

	if (len <= 0)
		return snp_crypto_failed(e, "encoding a key");
	rc = hash_bytes(SHA384_SIZE, der, (size_t)len, sum, e);
	OPENSSL_free(der);
	for (size_t i = 0; !rc && i < files->nr_roots; i++)
		if (memcmp(files->roots[i].spki, sum, sizeof(sum)) == 0)
			*product = files->roots[i].product;
	return rc;
}

/* Only roots of the table are trusted. */
static int add_roots(X509_STORE *store, STACK_OF(X509) * certs,
		     const struct snp_cert_files *files, struct snp_cert *out,
		     struct err *e)
{
	int n = sk_X509_num(certs), found = 0;

	for (int i = 0; i < n; i++) {
		X509 *x = sk_X509_value(certs, i);
		enum snp_product product = SNP_PRODUCT_UNKNOWN;
		int rc = find_root(x, files, &product, e);

		if (rc)
			return rc;
		if (product == SNP_PRODUCT_UNKNOWN)
			continue;
		found++;
		if (X509_STORE_add_cert(store, x) != 1)
			return snp_crypto_failed(e, "a certificate store");
	}
	if (found > 0)
		return RC_OK;
	out->fault = SNP_CERT_NO_ISSUER;
	return err_set(e, RC_FORMAT,
		       "certificates: none of the %d has the key of an AMD "
		       "root (ARK)",
		       n);
}

/* The day of a certificate that is too late or too early. */
static int explain_time(const X509 *x, const char *name, int code,
			struct err *e)
{
	bool late = code == X509_V_ERR_CERT_HAS_EXPIRED;
	char day[32] = "";
	struct tm tm;

	if (ASN1_TIME_to_tm(late ? X509_get0_notAfter(x)
				 : X509_get0_notBefore(x),
			    &tm) == 1)
		(void)strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S UTC", &tm);
	return err_set(e, RC_FORMAT, "certificate %s: %s (%s %s)", name,
		       X509_verify_cert_error_string(code),
		       late ? "notAfter" : "notBefore", day);
}

/* Says why a chain was refused. */
static int explain(X509_STORE_CTX *ctx, struct snp_cert *out, struct err *e)
{
	int code = X509_STORE_CTX_get_error(ctx);
	X509 *x = X509_STORE_CTX_get_current_cert(ctx);
	char name[SNP_CERT_NAME], issuer[SNP_CERT_NAME];

	ERR_clear_error();
	if (code == X509_V_ERR_OUT_OF_MEM)
		return err_nomem(e);
	if (code == X509_V_ERR_CERT_HAS_EXPIRED ||
	    code == X509_V_ERR_CERT_NOT_YET_VALID)
		out->fault = SNP_CERT_TIME;
	if (code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	    code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	    code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE)
		out->fault = SNP_CERT_NO_ISSUER;
	if (!x || snp_cert_name(X509_get_subject_name(x), name, e) ||
	    snp_cert_name(X509_get_issuer_name(x), issuer, e))
		return err_set(e, RC_FORMAT, "certificates: %s",
			       X509_verify_cert_error_string(code));
	if (out->fault == SNP_CERT_TIME)
		return explain_time(x, name, code, e);
	if (out->fault == SNP_CERT_NO_ISSUER)
		return err_set(e, RC_FORMAT,
			       "certificate %s: the certificate of its issuer "
			       "%s is not given",
			       name, issuer);
	return err_set(e, RC_FORMAT, "certificate %s: %s", name,
		       X509_verify_cert_error_string(code));
}

static int check_algorithm(X509 *x, const char *name, struct err *e)
{
	int md = NID_undef, pk = NID_undef, bits;
	uint32_t flags = 0;

	/* X509_SIG_INFO_TLS: MGF1 with the same hash, salt of its size. */
	if (X509_get_signature_info(x, &md, &pk, &bits, &flags) == 1 &&
	    md == NID_sha384 && pk == NID_rsassaPss &&
	    (flags & X509_SIG_INFO_TLS))
		return RC_OK;
	return err_set(e, RC_UNSUPPORTED,
		       "certificate %s: not signed by RSASSA-PSS with SHA-384",
		       name);
}

static int check_rsa(const X509 *x, const char *name, struct err *e)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);

	if (key && EVP_PKEY_is_a(key, "RSA") &&
	    EVP_PKEY_get_bits(key) == RSA_BITS)
		return RC_OK;
	return err_set(e, RC_UNSUPPORTED,
		       "certificate %s: its key is not RSA with %d bits", name,
		       RSA_BITS);
}

static int check_issuers(STACK_OF(X509) * chain, struct err *e)
{
	char name[SNP_CERT_NAME];
	int rc = RC_OK;

	if (sk_X509_num(chain) != CHAIN)
		return err_set(e, RC_FORMAT,
			       "certificates: a chain of %d instead of %d",
			       sk_X509_num(chain), CHAIN);
	for (int i = 0; !rc && i < CHAIN; i++) {
		X509 *x = sk_X509_value(chain, i);

		rc = snp_cert_name(X509_get_subject_name(x), name, e);
		if (!rc)
			rc = check_algorithm(x, name, e);
		if (!rc && i > 0)
			rc = check_rsa(x, name, e);
	}
	return rc;
}

/* Sets kind, and refuses a VCEK from the issuer of VLEKs or the reverse. */
static int check_names(STACK_OF(X509) * chain, struct snp_cert *out,
		       struct err *e)
{
	const X509 *key = sk_X509_value(chain, 0);
	const X509 *issuer = sk_X509_value(chain, 1);
	char name[SNP_CERT_NAME], above[SNP_CERT_NAME], want[SNP_CERT_NAME];
	int rc = snp_cert_name(X509_get_subject_name(key), name, e);

	if (!rc)
		rc = snp_cert_name(X509_get_subject_name(issuer), above, e);
	if (rc)
		return rc;
	if (strcmp(name, "SEV-VCEK") == 0)
		out->kind = SNP_VCEK;
	else if (strcmp(name, "SEV-VLEK") == 0)
		out->kind = SNP_VLEK;
	else
		return err_set(e, RC_UNSUPPORTED,
			       "certificate %s: neither SEV-VCEK nor SEV-VLEK",
			       name);
	(void)snprintf(want, sizeof(want), "SEV-%s%s",
		       out->kind == SNP_VLEK ? "VLEK-" : "",
		       snp_product_name(out->product));
	if (strcmp(above, want) != 0)
		return err_set(e, RC_FORMAT,
			       "certificate %s: signed by %s instead of %s",
			       name, above, want);
	return RC_OK;
}

static int copy_key(const X509 *x, struct snp_cert *out, struct err *e)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	unsigned char *p = out->spki;
	char group[32];
	size_t len;
	int size;

	ERR_clear_error();
	if (!key || !EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &len) != 1 ||
	    strcmp(group, "secp384r1") != 0)
		return err_set(e, RC_UNSUPPORTED,
			       "certificate %s: its key is not on the curve "
			       "P-384",
			       out->kind == SNP_VLEK ? "SEV-VLEK" : "SEV-VCEK");
	size = i2d_PUBKEY(key, NULL);
	if (size <= 0 || size > SNP_MAX_SPKI || i2d_PUBKEY(key, &p) != size)
		return snp_crypto_failed(e, "encoding a key");
	out->spki_len = (size_t)size;
	return RC_OK;
}

static int check_chain(STACK_OF(X509) * chain,
		       const struct snp_cert_files *files, struct snp_cert *out,
		       struct err *e)
{
	int rc = check_issuers(chain, e);

	if (!rc)
		rc = find_root(sk_X509_value(chain, CHAIN - 1), files,
			       &out->product, e);
	if (!rc)
		rc = check_names(chain, out, e);
	if (!rc)
		rc = copy_key(sk_X509_value(chain, 0), out, e);
	return rc;
}

static int verify(X509_STORE *store, X509_STORE_CTX *ctx,
		  STACK_OF(X509) * certs, const struct snp_cert_files *files,
		  struct snp_cert *out, struct err *e)
{
	int rc = add_roots(store, certs, files, out, e), ok;

	if (rc)
		return rc;
	if (X509_STORE_CTX_init(ctx, store, sk_X509_value(certs, 0), certs) !=
	    1)
		return snp_crypto_failed(e, "a verification");
	X509_STORE_CTX_set_time(ctx, 0, (time_t)files->time);
	X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_CHECK_SS_SIGNATURE);
	ok = X509_verify_cert(ctx);
	if (ok < 0)
		return snp_crypto_failed(e, "a verification");
	if (ok != 1)
		return explain(ctx, out, e);
	return check_chain(X509_STORE_CTX_get0_chain(ctx), files, out, e);
}

int snp_certs_verify(STACK_OF(X509) * certs, const struct snp_cert_files *files,
		     struct snp_cert *out, struct err *e)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int rc;

	if (store && ctx)
		rc = verify(store, ctx, certs, files, out, e);
	else
		rc = snp_crypto_failed(e, "a certificate store");
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return rc;
}
