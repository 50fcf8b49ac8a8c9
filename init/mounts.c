/* SPDX-License-Identifier: Apache-2.0 */
/* mounts.c: the mount table of the guest. */
#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "log.h"
#include "mounts.h"

#define SAFE (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define BIND_RO (MS_REMOUNT | MS_BIND | MS_RDONLY)

/* Rows are done in order; each one succeeds or the guest powers off. */
struct row {
	enum { MOUNT, MKDIR, SYMLINK } op;
	const char *target;
	const char *source; /* MOUNT: file system type; SYMLINK: contents */
	unsigned long flags;
	const char *data;
};

static const struct row rows[] = {
	{MOUNT, "/", NULL, BIND_RO | MS_NOSUID | MS_NODEV, NULL},
	{MOUNT, "/proc", "proc", SAFE, "hidepid=invisible"},
	{MOUNT, "/sys", "sysfs", SAFE | MS_RDONLY, NULL},
	/* Device nodes are its purpose. */
	{MOUNT, "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755"},
	{MKDIR, "/dev/pts", NULL, 0755, NULL},
	{MKDIR, "/dev/shm", NULL, 0755, NULL},
	{MKDIR, "/dev/mqueue", NULL, 0755, NULL},
	{SYMLINK, "/dev/fd", "/proc/self/fd", 0, NULL},
	{SYMLINK, "/dev/stdin", "/proc/self/fd/0", 0, NULL},
	{SYMLINK, "/dev/stdout", "/proc/self/fd/1", 0, NULL},
	{SYMLINK, "/dev/stderr", "/proc/self/fd/2", 0, NULL},
	{MOUNT, "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	 "ptmxmode=0666,mode=0620,gid=5"},
	{MOUNT, "/dev/shm", "tmpfs", SAFE, "mode=1777,size=64m"},
	{MOUNT, "/dev/mqueue", "mqueue", SAFE, NULL},
	{MOUNT, "/run", "tmpfs", SAFE, "mode=0755,size=16m"},
	{MOUNT, "/tmp", "tmpfs", SAFE, "mode=1777,size=64m"},
	{MOUNT, "/sys/fs/cgroup", "cgroup2", SAFE, NULL},
	{MOUNT, "/sys/kernel/config", "configfs", SAFE, NULL},
	{MOUNT, "/sys/kernel/security", "securityfs", SAFE | MS_RDONLY, NULL},
};

static void do_row(const struct row *r)
{
	switch (r->op) {
	case MOUNT:
		if (mount(r->source, r->target, r->source, r->flags, r->data))
			die("mount", r->target);
		break;
	case MKDIR:
		if (mkdir(r->target, (mode_t)r->flags))
			die("mkdir", r->target);
		break;
	case SYMLINK:
		if (symlink(r->source, r->target))
			die("symlink", r->target);
		break;
	}
}

void mount_standard(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		do_row(&rows[i]);
	/* Process 1 works in the writable mount; mount_seal covers it. */
	if (chdir("/sys/fs/cgroup"))
		die("chdir", "/sys/fs/cgroup");
}

void mount_writable(const struct conf_tmpfs *t)
{
	char data[128];

	if (!join(data, sizeof(data), "size=", t->size, ",mode=", t->mode,
		  ",uid=", t->uid, ",gid=", t->gid, NULL))
		die("options of", t->path);
	/* Directories of the root exist; those below /run and /tmp do not. */
	if (mkdir(t->path, 0755) && errno != EEXIST)
		die("mkdir", t->path);
	if (mount("tmpfs", t->path, "tmpfs", SAFE, data))
		die("mount", t->path);
}

static void seal(const char *path)
{
	if (mount(path, path, NULL, MS_BIND, NULL) ||
	    mount(NULL, path, NULL, BIND_RO | SAFE, NULL))
		die("mount", path);
}

void mount_seal(void)
{
	seal("/proc/sys");
	seal("/sys/fs/cgroup");
}
