/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard.c: proof that the root is the measured one.
 *
 * The kernel assembles the root from dm-mod.create= before it starts init, but
 * it says nothing when that fails or when root= names another device. So init
 * asks device-mapper what is below "/", rebuilds the value that dm-mod.create=
 * must have had from the answer, and compares.
 *
 * The table of a verity target (drivers/md/dm-verity-target.c, verity_status):
 *   1 DATA HASH 4096 4096 BLOCKS START sha256 ROOT SALT 2 OPTION OPTION
 */
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cmdline.h"
#include "guard.h"
#include "io.h"
#include "log.h"

#define DISK "/dev/vda"
enum { F_DATA = 1, F_HASH = 2, F_ROOT = 8, F_COUNT = 10, NR_FIELDS = 13 };

/* Written by the kernel; only its strings are used, bounded by the buffer. */
static union {
	struct dm_ioctl head;
	char bytes[4096];
} reply;

static const struct dm_target_spec *query(int fd, dev_t dev, __u32 flags)
{
	static struct dm_target_spec spec;
	const size_t start = sizeof(reply.head);

	memset(&reply, 0, sizeof(reply));
	reply.head.version[0] = DM_VERSION_MAJOR;
	reply.head.data_size = sizeof(reply);
	reply.head.data_start = start;
	reply.head.dev = makedev(major(dev), minor(dev));
	reply.head.flags = flags;
	if (ioctl(fd, (int)DM_TABLE_STATUS, &reply) < 0)
		die_msg("root", "not a device-mapper device");
	reply.bytes[sizeof(reply.bytes) - 1] = '\0';
	if (reply.head.flags & DM_BUFFER_FULL_FLAG)
		die_msg("root", "device-mapper table too long");
	if (!(reply.head.flags & DM_ACTIVE_PRESENT_FLAG) ||
	    (reply.head.flags & DM_SUSPEND_FLAG))
		die_msg("root", "device-mapper device not active");
	if (!(reply.head.flags & DM_READONLY_FLAG))
		die_msg("root", "device-mapper device is writable");
	memcpy(&spec, reply.bytes + start, sizeof(spec));
	if (reply.head.target_count != 1 || spec.sector_start != 0 ||
	    strcmp(spec.target_type, "verity") != 0)
		die_msg("root", "not a dm-verity target");
	return &spec;
}

static char *params(void)
{
	return reply.bytes + sizeof(reply.head) + sizeof(struct dm_target_spec);
}

/* Splits s at blanks into at most max fields; returns how many there are. */
static size_t split(char *s, const char *field[], size_t max)
{
	size_t n = 0;

	for (char *p = strtok(s, " "); p; p = strtok(NULL, " ")) {
		if (n == max)
			return max + 1;
		field[n++] = p;
	}
	return n;
}

/* The dm-mod.create= that makes a device with this table. */
static const char *expected_value(const char *sectors, const char *field[])
{
	static char out[CMDLINE_MAX + 1];
	size_t len;

	field[F_DATA] = field[F_HASH] = DISK;
	if (!join(out, sizeof(out), "root,,,ro,0 ", sectors, " verity", NULL))
		die("root", "table");
	for (size_t i = 0; i < NR_FIELDS; i++) {
		len = strlen(out);
		if (!join(out + len, sizeof(out) - len, " ", field[i], NULL))
			die("root", "table");
	}
	return out;
}

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += n)
		if ((p == text || p[-1] == ' ') && (!p[n] || p[n] == ' '))
			return true;
	return false;
}

static void check_table(const struct dm_target_spec *spec)
{
	const char *field[NR_FIELDS + 1], *value;

	if (!has_word(params(), "panic_on_corruption"))
		die_msg("root", "dm-verity without panic_on_corruption");
	if (!has_word(params(), "panic_on_error"))
		die_msg("root", "dm-verity without panic_on_error");
	if (split(params(), field, NR_FIELDS) != NR_FIELDS ||
	    strcmp(field[F_COUNT], "2") != 0)
		die_msg("root", "dm-verity with other options");
	value = cmdline_value("dm-mod.create");
	if (!value || !has_word(value, field[F_ROOT]))
		die_msg("root", "root hash is not the one on the command line");
	if (strcmp(value, expected_value(dec(spec->length), field)) != 0)
		die_msg("root", "dm-verity table is not the one on the "
				"command line");
	log_msg("root ", field[F_ROOT], NULL);
}

void guard_root(void)
{
	struct statfs fs;
	struct stat st;
	int fd;

	if (stat("/", &st) || statfs("/", &fs))
		die("stat", "/");
	if (fs.f_type != EROFS_SUPER_MAGIC_V1)
		die_msg("root", "not an erofs file system");
	fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		die("open", "/dev/mapper/control");
	query(fd, st.st_dev, 0);
	if (params()[0] != 'V')
		die_msg("root", "dm-verity found corruption");
	check_table(query(fd, st.st_dev, DM_STATUS_TABLE_FLAG));
	(void)close(fd); /* cannot fail: nothing was written back */
}
