/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.h: start one service with its identity, limits and output. */
#pragma once

#include "conf.h"

/*
 * Starts the service in its own session, process group and control group
 * /sys/fs/cgroup/NAME, with /dev/null as input and the write end of a pipe as
 * output and error. Returns its process id and stores the read end of the
 * pipe, non-blocking, in *output (-1 if the output is thrown away).
 *
 * Dies when no process can be made. A failure inside the child is one line on
 * its error output and exit code 127 (no such program) or 126 (anything else).
 */
pid_t spawn(const struct conf_service *s, bool keep_output, int *output);

/* Kills what is left in the control group of the service. */
void spawn_kill_group(const struct conf_service *s);
