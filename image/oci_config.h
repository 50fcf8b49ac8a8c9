/* SPDX-License-Identifier: Apache-2.0 */
/* oci_config.h: what the configuration of an OCI image says. */
#ifndef MOTE_OCI_CONFIG_H
#define MOTE_OCI_CONFIG_H

#include "app_config.h"

#define OCI_MAX_FILE (1024UL * 1024)
enum { OCI_MAX_VOLUMES = 64 };

/* Strings are never NULL: "" where the image says nothing. */
struct oci_config {
	struct strv args; /* Entrypoint, then Cmd */
	struct strv env;  /* NAME=VALUE, each name once */
	struct strv volumes;
	struct app_port ports[APP_MAX_PORTS];
	size_t nr_ports;
	struct strv ignored_ports; /* of other protocols, such as "1/sctp" */
	char *user;
	char *workdir;	   /* absolute, "/" where the image says nothing */
	char *stop_signal; /* as in the image */
};

/*
 * Parses an image configuration (OCI image-spec 1.0, config.md), which is
 * hostile input; name is for messages. Only images for linux/amd64 are
 * accepted. c starts as all zero bytes and is freed in every case.
 */
int oci_config_parse(struct oci_config *c, const char *name, const char *text,
		     size_t len, struct err *e);

void oci_config_free(struct oci_config *c);

#endif
