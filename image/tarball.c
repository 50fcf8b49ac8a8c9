/* SPDX-License-Identifier: Apache-2.0 */
/* tarball.c: opening a tar, and telling what it holds. */
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json_in.h"
#include "tarball.h"

/* format: archive_read_support_format_tar, or _raw for the bytes alone. */
static int open_as(const char *file, int (*format)(struct archive *),
		   struct archive **out, struct err *e)
{
	struct archive *a = archive_read_new();

	if (!a)
		return err_nomem(e);
	if (archive_read_support_filter_gzip(a) != ARCHIVE_OK ||
	    archive_read_support_filter_xz(a) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(a) != ARCHIVE_OK ||
	    format(a) != ARCHIVE_OK) {
		archive_read_free(a);
		return err_set(e, RC_IO, "libarchive lacks gzip, xz or zstd");
	}
	if (archive_read_open_filename(a, file, 65536) != ARCHIVE_OK) {
		int rc = err_set(e, RC_FORMAT, "%s: not a tar: %s", file,
				 archive_error_string(a));

		archive_read_free(a);
		return rc;
	}
	*out = a;
	return RC_OK;
}

int tarball_open(const char *file, struct archive **out, struct err *e)
{
	return open_as(file, archive_read_support_format_tar, out, e);
}

int tarball_next(const char *file, struct archive *a, struct archive_entry **ae,
		 struct err *e)
{
	const char *why;

	switch (archive_read_next_header(a, ae)) {
	case ARCHIVE_OK:
		return RC_OK;
	case ARCHIVE_EOF:
		return 1;
	case ARCHIVE_WARN:
		why = archive_error_string(a);
		if (why && strstr(why, "can't be converted from UTF-8"))
			return RC_OK;
		break;
	default:
		why = archive_error_string(a);
		break;
	}
	return err_set(e, RC_FORMAT, "%s: damaged tar: %s", file,
		       why ? why : "unknown fault");
}

/* The text of the current entry, NULL if it is too long to be a manifest. */
static int read_text(const char *file, struct archive *a, char **out,
		     struct err *e)
{
	char *buf = malloc(TARBALL_MAX_JSON + 1);
	size_t len = 0;

	if (!buf)
		return err_nomem(e);
	while (len < TARBALL_MAX_JSON + 1) {
		la_ssize_t n = archive_read_data(a, buf + len,
						 TARBALL_MAX_JSON + 1 - len);

		if (n < 0) {
			free(buf);
			return err_set(e, RC_FORMAT, "%s: damaged tar: %s",
				       file, archive_error_string(a));
		}
		if (n == 0)
			break;
		len += (size_t)n;
	}
	if (len > TARBALL_MAX_JSON) {
		free(buf);
		return RC_OK;
	}
	buf[len] = '\0';
	*out = buf;
	return RC_OK;
}

/* A root tree may hold some other manifest.json: look into it. */
static bool is_docker_manifest(const char *text)
{
	struct err ignored = {""};
	json_t *json, *first;
	bool yes;

	if (json_in_parse(text, strlen(text), "", &json, &ignored))
		return false;
	first = json_array_get(json, 0);
	yes = json_is_string(json_object_get(first, "Config")) &&
	      json_is_array(json_object_get(first, "Layers"));
	json_decref(json);
	return yes;
}

int tarball_kind(const char *file, enum tarball_kind *kind, char **manifest,
		 struct err *e)
{
	bool layout = false, index = false;
	struct archive_entry *ae;
	struct archive *a;
	int rc = tarball_open(file, &a, e);

	*manifest = NULL;
	*kind = TARBALL_ROOT;
	if (rc)
		return rc;
	while (!(rc = tarball_next(file, a, &ae, e))) {
		const char *name = archive_entry_pathname(ae);

		if (!name || archive_entry_filetype(ae) != S_IFREG)
			continue;
		if (strncmp(name, "./", 2) == 0)
			name += 2;
		layout |= strcmp(name, "oci-layout") == 0;
		index |= strcmp(name, "index.json") == 0;
		if (strcmp(name, "manifest.json") == 0 && !*manifest &&
		    (rc = read_text(file, a, manifest, e)))
			break;
	}
	archive_read_free(a); /* only read from: nothing can be lost */
	if (*manifest && (rc < 0 || !is_docker_manifest(*manifest))) {
		free(*manifest);
		*manifest = NULL;
	}
	if (rc < 0)
		return rc;
	if (*manifest)
		*kind = TARBALL_DOCKER;
	else if (layout && index)
		*kind = TARBALL_OCI;
	return RC_OK;
}

static int copy_plain(const char *file, struct archive *a, const char *out,
		      struct err *e)
{
	int fd = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc = RC_OK;

	if (fd < 0)
		return err_sys(e, "%s: cannot create", out);
	if (archive_read_data_into_fd(a, fd) < ARCHIVE_OK)
		rc = err_set(e, RC_FORMAT, "%s: cannot decompress: %s", file,
			     archive_error_string(a));
	if (close(fd) && !rc)
		rc = err_sys(e, "%s: cannot write", out);
	return rc;
}

int tarball_plain(const char *file, const char *out, struct err *e)
{
	struct archive_entry *ae;
	struct archive *a;
	int rc = open_as(file, archive_read_support_format_raw, &a, e);

	if (rc)
		return rc;
	rc = tarball_next(file, a, &ae, e);
	if (rc == 1)
		rc = err_set(e, RC_FORMAT, "%s: empty", file);
	/* The last filter of every archive is the one that does nothing. */
	if (!rc && archive_filter_count(a) > 1)
		rc = copy_plain(file, a, out, e);
	else if (!rc && symlink(file, out))
		rc = err_sys(e, "%s: cannot create", out);
	archive_read_free(a); /* only read from: nothing can be lost */
	return rc;
}
