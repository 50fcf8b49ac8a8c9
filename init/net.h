/* SPDX-License-Identifier: Apache-2.0 */
/* net.h: loopback and the static addresses of the measured configuration. */
#pragma once

#include "conf.h"

/* Sets the host name, brings up lo and, if configured, eth0; dies on error. */
void net_up(const struct conf *c);
