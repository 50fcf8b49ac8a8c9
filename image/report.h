/* SPDX-License-Identifier: Apache-2.0 */
/* report.h: the workload as JSON, for programs and people. */
#ifndef MOTE_REPORT_H
#define MOTE_REPORT_H

#include "workload.h"

/*
 * One JSON object with sorted keys and a line feed; *text belongs to the
 * caller. An argument that is no UTF-8 is shown as {"hex": "..."}.
 */
int report_text(const struct workload *w, char **text, struct err *e);

#endif
