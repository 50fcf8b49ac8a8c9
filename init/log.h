/* SPDX-License-Identifier: Apache-2.0 */
/* log.h: init's log, the workload's output, and the one way to fail. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Where the log goes. Every line is written to the console (which is the null
 * console in a release kernel) and to the virtio port named "mote.log", which
 * is opened write-only: nothing is ever read from the host.
 *
 * The port may be missing, and the host may stop reading it: the guest then
 * runs on without a log. Output of a service is thrown away while the port
 * has been full for one second; init's own lines wait up to one second each.
 */

/* Finds and opens the port; sysfs and devtmpfs must be mounted. */
void log_open(void);

/* Writes "mote SECONDS.MICROS: " and the strings up to a NULL, and a newline.
 * SECONDS is CLOCK_MONOTONIC. Bytes outside printable ASCII become '?'. */
void log_msg(const char *s, ...) __attribute__((sentinel));

/* Writes output of a service: each line prefixed with "NAME| ". */
void log_output(const char *name, const char *buf, size_t n);

/* Decimal digits of v in one of eight static buffers used in turn. */
const char *dec(uint64_t v);

/* Logs "fatal: WHAT OBJECT: REASON" (REASON from errno) and powers off. */
_Noreturn void die(const char *what, const char *object) __attribute__((cold));

/* Logs "fatal: WHAT: REASON" with a reason in words and powers off. */
_Noreturn void die_msg(const char *what, const char *reason)
	__attribute__((cold));

/* Kills what still runs and powers off; if that returns, exits, which panics
 * the kernel. Nothing is flushed: the root is read-only, the rest is tmpfs. */
_Noreturn void power_off(void);
