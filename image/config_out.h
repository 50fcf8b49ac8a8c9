/* SPDX-License-Identifier: Apache-2.0 */
/* config_out.h: the compiled configuration, /.mote/config. */
#ifndef MOTE_CONFIG_OUT_H
#define MOTE_CONFIG_OUT_H

#include "workload.h"

#define CONFIG_OUT_MAX 131072 /* the init program reads no more */

/* out holds *len bytes afterwards; more than its size is RC_LIMIT. */
int config_out(const struct workload *w, char out[CONFIG_OUT_MAX], size_t *len,
	       struct err *e);

#endif
