/* SPDX-License-Identifier: Apache-2.0 */
/* layout.h: choosing one image of an OCI layout or docker-archive. */
#ifndef MOTE_LAYOUT_H
#define MOTE_LAYOUT_H

#include <stdio.h>

#include "err.h"

/*
 * Finds the one image for linux/amd64 in the OCI layout, by tag unless tag is
 * NULL, also inside nested indexes, and writes to out an index.json that names
 * only it. None or several are RC_FORMAT; the message lists what there is.
 */
int layout_pick(const char *layout, const char *tag, FILE *out, struct err *e);

/*
 * The same for the text of the manifest.json of a docker-archive: writes the
 * position of the image, from 0. name is for messages.
 */
int layout_pick_docker(const char *name, const char *text, const char *tag,
		       FILE *out, struct err *e);

/*
 * Writes the files of the one image of a layout, relative to the layout: first
 * its config, then its layers in order, one on a line. Only tar layers, plain
 * or gzip, are accepted, since umoci knows no others.
 */
int layout_files(const char *layout, FILE *out, struct err *e);

#endif
