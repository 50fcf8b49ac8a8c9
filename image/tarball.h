/* SPDX-License-Identifier: Apache-2.0 */
/* tarball.h: opening a tar, and telling what it holds. */
#ifndef MOTE_TARBALL_H
#define MOTE_TARBALL_H

#include <archive.h>
#include <archive_entry.h>

#include "err.h"

#define TARBALL_MAX_JSON (1024 * 1024)

/* Opens a tar, plain or gzip, xz or zstd; archive_read_free() closes it. */
int tarball_open(const char *file, struct archive **out, struct err *e);

/*
 * The next header. RC_OK, 1 at the end, RC_FORMAT for anything libarchive
 * complains of; only a name that is no UTF-8 is tolerated, and kept as it is.
 */
int tarball_next(const char *file, struct archive *a, struct archive_entry **ae,
		 struct err *e);

enum tarball_kind {
	TARBALL_ROOT,	/* a root tree */
	TARBALL_DOCKER, /* manifest.json names a config and layers */
	TARBALL_OCI,	/* oci-layout and index.json */
};

/*
 * Tells what a tar holds. For TARBALL_DOCKER *manifest is the text of
 * manifest.json, which the caller frees; otherwise it is NULL.
 */
int tarball_kind(const char *file, enum tarball_kind *kind, char **manifest,
		 struct err *e);

/*
 * Makes a plain tar called out: a symlink to file, which must be an absolute
 * path, if that is plain, else a copy without the compression.
 */
int tarball_plain(const char *file, const char *out, struct err *e);

#endif
