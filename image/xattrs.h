/* SPDX-License-Identifier: Apache-2.0 */
/* xattrs.h: extended attributes that are refused, and umoci's owner record. */
#ifndef MOTE_XATTRS_H
#define MOTE_XATTRS_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

#define XATTRS_ACL "POSIX ACLs are not supported"

/* umoci unpack --rootless keeps the owner of a file in this attribute. */
#define XATTRS_OWNER "user.rootlesscontainers"

/* Why an attribute of this name is refused, or NULL if it may be dropped. */
const char *xattrs_refusal(const char *name);

struct xattrs {
	bool has_owner;	   /* umoci's record is there: */
	uint32_t uid, gid; /* what it says */
	const char *other; /* some attribute that is not kept, or NULL */
};

/*
 * Judges the attributes of the file at path (symlinks are not followed), shown
 * as name in messages; x->other is valid until the next call. All of these
 * functions ask the kernel, not fakeroot, which keeps a database of its own
 * for attributes.
 */
int xattrs_check(const char *path, const char *name, struct xattrs *x,
		 struct err *e);

/* Removes umoci's record. */
int xattrs_remove_owner(const char *path, const char *name, struct err *e);

/* Removes the ACLs that a new directory inherited from its surroundings. */
int xattrs_remove_acls(const char *dir, struct err *e);

/* Parses umoci's record: protobuf, field 1 uid, field 2 gid, varints. */
bool xattrs_parse_owner(const uint8_t *p, uint64_t len, uint32_t *uid,
			uint32_t *gid);

#endif
