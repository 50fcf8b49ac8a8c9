/* SPDX-License-Identifier: Apache-2.0 */
/* supervise.h: run the services until the workload ends. */
#pragma once

#include <signal.h>

#include "conf.h"

/*
 * Starts the services in order, each when the one before it is ready, restarts
 * them as configured, reaps every process, passes signals on to the workload,
 * and stops everything when the workload has ended, when a service has failed
 * for good, or on SIGTERM. Returns the exit code of the guest: that of the
 * service that ended it, 128 + n for a death by signal n.
 *
 * All signals must be blocked.
 */
int supervise(const struct conf *c);
