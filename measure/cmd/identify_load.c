/* SPDX-License-Identifier: Apache-2.0 */
/* identify_load.c: the files of mote-measure identify. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "identify_cmd.h"
#include "inspect.h"

#define MAX_FOLDER (1ULL << 30) /* bytes of all its files */

static struct identify_bytes bytes_of(const struct input *in)
{
	return (struct identify_bytes){in->data, in->len};
}

/* Says of a file of the expected launch what is needed of it later. */
static int note_file(const struct identify_job *job, const struct input *in,
		     json_t **out, struct err *e)
{
	if (!job->common.json)
		return RC_OK;
	*out = inspect_file_json(in);
	return *out ? RC_OK : err_nomem(e);
}

/* Kernel, initrd and command line are only hashed, and not kept. */
static int load_kernel(struct identify_job *job, struct err *e)
{
	const struct identify_options *o = &job->o;
	struct input kernel, initrd = {0}, cmdline = {0};
	int rc = input_load(&kernel, INPUT_KERNEL, o->kernel, e);

	rc = rc ? rc : input_load(&initrd, INPUT_INITRD, o->initrd, e);
	rc = rc ? rc : input_load(&cmdline, INPUT_TEXT, o->append_file, e);
	if (!rc && cmdline.len > 0 && memchr(cmdline.data, '\0', cmdline.len))
		rc = err_set(e, RC_FORMAT,
			     "%s: a command line has no NUL bytes",
			     cmdline.path);
	if (!rc) {
		job->x.kernel = bytes_of(&kernel);
		job->x.initrd = bytes_of(&initrd);
		job->x.cmdline = bytes_of(&cmdline);
		if (o->append)
			job->x.cmdline = (struct identify_bytes){
				(const uint8_t *)o->append, strlen(o->append)};
		job->q = identify_new(&job->x, e);
		rc = job->q ? RC_OK : RC_IO;
	}
	rc = rc ? rc : note_file(job, &kernel, &job->kernel, e);
	rc = rc ? rc : note_file(job, &initrd, &job->initrd, e);
	input_free(&kernel);
	input_free(&initrd);
	input_free(&cmdline);
	return rc;
}

/* Adds the bytes that it has read to *bytes. json may be NULL. */
static int load_firmware(struct identify_job *job, const char *path,
			 uint64_t *bytes, json_t **json, struct err *e)
{
	struct input in;
	int rc = input_load(&in, INPUT_FIRMWARE, path, e);

	*bytes += in.len;
	if (!rc) {
		rc = identify_add_firmware(job->q, path, in.data, in.len, e);
		(void)inspect_refuse(rc, path, e, e);
	}
	if (!rc && json)
		rc = note_file(job, &in, json, e);
	input_free(&in);
	return rc;
}

struct folder {
	char *paths[IDENTIFY_MAX_FILES];
	size_t n;
};

static int add_path(const char *dir, const char *name, struct folder *f,
		    struct err *e)
{
	struct stat st;
	char *path;
	const char *slash = dir[strlen(dir) - 1] == '/' ? "" : "/";

	if (asprintf(&path, "%s%s%s", dir, slash, name) < 0)
		return err_nomem(e);
	if (stat(path, &st) || !S_ISREG(st.st_mode)) {
		free(path);
		return RC_OK;
	}
	if (f->n == IDENTIFY_MAX_FILES) {
		free(path);
		return err_set(e, RC_LIMIT, "%s: more than %d files", dir,
			       IDENTIFY_MAX_FILES);
	}
	f->paths[f->n++] = path;
	return RC_OK;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_folder(const char *path, struct folder *f, struct err *e)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	int rc = RC_OK;

	if (!dir)
		return err_sys(e, "%s: cannot open", path);
	while (!rc && (errno = 0, d = readdir(dir)))
		rc = add_path(path, d->d_name, f, e);
	if (!rc && errno)
		rc = err_sys(e, "%s: cannot read", path);
	closedir(dir); /* only read from: nothing can be lost */
	qsort(f->paths, f->n, sizeof(f->paths[0]), by_name);
	return rc;
}

/* What is no firmware of this mode is passed over, but named. */
static int load_file(struct identify_job *job, const char *path,
		     uint64_t *bytes, struct err *e)
{
	struct err why = {""};
	int rc = load_firmware(job, path, bytes, NULL, &why);

	if (*bytes > MAX_FOLDER)
		return err_set(e, RC_LIMIT,
			       "%s: more than %llu bytes in its files",
			       job->o.folder, MAX_FOLDER);
	if (rc == RC_IO)
		return err_set(e, rc, "%s", why.msg);
	if (!rc)
		return RC_OK;
	job->skipped[job->nr_skipped] = strdup(why.msg);
	return job->skipped[job->nr_skipped++] ? RC_OK : err_nomem(e);
}

static int load_folder(struct identify_job *job, struct err *e)
{
	struct folder f = {.n = 0};
	uint64_t bytes = 0;
	int rc = job->o.folder ? list_folder(job->o.folder, &f, e) : RC_OK;

	for (size_t i = 0; i < f.n; i++) {
		rc = rc ? rc : load_file(job, f.paths[i], &bytes, e);
		free(f.paths[i]);
	}
	return rc;
}

int identify_job_load(struct identify_job *job, struct err *e)
{
	uint64_t bytes = 0;
	int rc = load_kernel(job, e);

	rc = rc ? rc
		: load_firmware(job, job->o.firmware, &bytes, &job->firmware,
				e);
	return rc ? rc : load_folder(job, e);
}

void identify_job_free(struct identify_job *job)
{
	for (size_t i = 0; i < job->nr_skipped; i++)
		free(job->skipped[i]);
	json_decref(job->firmware);
	json_decref(job->kernel);
	json_decref(job->initrd);
	identify_free(job->q);
}
