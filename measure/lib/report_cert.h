/* SPDX-License-Identifier: Apache-2.0 */
/* report_cert.h: parts of snp_cert_verify(). */
#ifndef MOTE_REPORT_CERT_H
#define MOTE_REPORT_CERT_H

#include <openssl/x509.h>

#include "snp_report.h"

/* Room for a common name, a product name or an OID as text. */
enum { SNP_CERT_NAME = 64 };

/* RC_IO, "libcrypto: ..." */
int snp_crypto_failed(struct err *e, const char *what);

/*
 * Reads the certificates of both files into a new stack that owns them, the
 * key's own one first.
 */
int snp_certs_load(const struct snp_cert_files *files, STACK_OF(X509) * *out,
		   struct err *e);

/*
 * Verifies that the first certificate leads to a root over exactly one more,
 * and sets kind, product and key of *out, or its fault.
 */
int snp_certs_verify(STACK_OF(X509) * certs, const struct snp_cert_files *files,
		     struct snp_cert *out, struct err *e);

/* Reads the extensions of a certificate whose kind and product are known. */
int snp_cert_extensions(const X509 *x, struct snp_cert *out, struct err *e);

/* The one common name in n, in printable ASCII; RC_FORMAT else. */
int snp_cert_name(const X509_NAME *n, char out[SNP_CERT_NAME], struct err *e);

#endif
