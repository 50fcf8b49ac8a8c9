/* SPDX-License-Identifier: Apache-2.0 */
/* ready.c: wait for a path to appear, without polling. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "ready.h"

static int fd = -1;

int ready_open(void)
{
	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0)
		die("inotify", "init");
	return fd;
}

static void drain(void)
{
	char buf[1024] __attribute__((aligned(8)));

	while (read(fd, buf, sizeof(buf)) > 0)
		; /* only that something happened matters */
}

static void watch_directory(const char *dir)
{
	if (inotify_add_watch(fd, dir, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) <
		    0 &&
	    errno != ENOENT && errno != ENOTDIR)
		die("inotify", dir);
}

/* Goes down the path; each directory is watched before its entry is looked
 * for, so that nothing can appear unseen in between. */
bool ready_check(const char *path)
{
	size_t len = strlen(path);
	char step[PATH_MAX];
	struct stat st;

	drain();
	if (len >= sizeof(step))
		die_msg("ready", "path too long");
	for (size_t i = 0; i < len;) {
		size_t dir = i ? i : 1;

		memcpy(step, path, dir);
		step[dir] = '\0';
		watch_directory(step);
		i += 1 + strcspn(path + i + 1, "/");
		memcpy(step, path, i);
		step[i] = '\0';
		if (stat(step, &st))
			return false;
	}
	return true;
}
