/* SPDX-License-Identifier: Apache-2.0 */
/* root_files.h: what mote itself puts into the root tree. */
#ifndef MOTE_ROOT_FILES_H
#define MOTE_ROOT_FILES_H

#include "workload.h"

/*
 * Makes the directories that every guest needs. It is done before paths are
 * resolved, since symlinks such as /var/run may lead there. RC_FORMAT if the
 * image has something else than a directory where one is needed.
 */
int root_files_make_dirs(const struct tree *t, struct err *e);

/*
 * Makes mount points and working directories, with the same refusal, and
 * writes /etc/hosts, /etc/hostname and /etc/resolv.conf.
 */
int root_files_write(const struct workload *w, struct err *e);

#endif
