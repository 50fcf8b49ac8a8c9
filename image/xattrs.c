/* SPDX-License-Identifier: Apache-2.0 */
/* xattrs.c: extended attributes that are refused, and umoci's owner record. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "xattrs.h"

#define XATTRS_NOOP UINT32_MAX /* umoci writes it instead of id 0 */

const char *xattrs_refusal(const char *name)
{
	if (strcmp(name, "security.capability") == 0)
		return "file capabilities are not supported";
	if (strncmp(name, "system.posix_acl_", 17) == 0 ||
	    strcmp(name, "system.nfs4_acl") == 0 ||
	    strcmp(name, "system.richacl") == 0)
		return XATTRS_ACL;
	if (strcmp(name, XATTRS_OWNER) == 0)
		return "attribute " XATTRS_OWNER " is reserved";
	return NULL;
}

/* A varint of at most 32 bits; false past the end or when it is larger. */
static bool varint(const uint8_t **p, const uint8_t *end, uint32_t *out)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 35 && *p < end; shift += 7) {
		uint8_t b = *(*p)++;

		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80)) {
			*out = (uint32_t)v;
			return v <= UINT32_MAX;
		}
	}
	return false;
}

bool xattrs_parse_owner(const uint8_t *p, uint64_t len, uint32_t *uid,
			uint32_t *gid)
{
	const uint8_t *end = p + len;
	uint32_t id[2] = {0, 0};

	while (p < end) {
		uint32_t key, value;

		/* Key: field number << 3 | wire type 0. */
		if (!varint(&p, end, &key) || (key != 0x08 && key != 0x10) ||
		    !varint(&p, end, &value))
			return false;
		id[key == 0x10] = value == XATTRS_NOOP ? 0 : value;
	}
	*uid = id[0];
	*gid = id[1];
	return true;
}

static int read_owner(const char *path, const char *name, struct xattrs *x,
		      struct err *e)
{
	uint8_t buf[64];
	long n = syscall(SYS_lgetxattr, path, XATTRS_OWNER, buf, sizeof(buf));

	if (n < 0)
		return err_sys(e, "%s: cannot read %s", name, XATTRS_OWNER);
	if (!xattrs_parse_owner(buf, (uint64_t)n, &x->uid, &x->gid))
		return err_set(e, RC_FORMAT, "%s: %s is malformed", name,
			       XATTRS_OWNER);
	return RC_OK;
}

int xattrs_check(const char *path, const char *name, struct xattrs *x,
		 struct err *e)
{
	static char list[65536]; /* the kernel's XATTR_LIST_MAX */
	long n = syscall(SYS_llistxattr, path, list, sizeof(list));

	memset(x, 0, sizeof(*x));
	if (n < 0 && errno == ENOTSUP)
		return RC_OK;
	if (n < 0)
		return err_sys(e, "%s: cannot list attributes", name);
	for (long i = 0; i < n; i += (long)strlen(list + i) + 1) {
		const char *why = xattrs_refusal(list + i);

		if (strcmp(list + i, XATTRS_OWNER) == 0)
			x->has_owner = true;
		else if (why)
			return err_set(e, RC_UNSUPPORTED, "%s: %s", name, why);
		else if (strcmp(list + i, "security.selinux") != 0)
			x->other = list + i;
	}
	return x->has_owner ? read_owner(path, name, x, e) : RC_OK;
}

int xattrs_remove_owner(const char *path, const char *name, struct err *e)
{
	if (syscall(SYS_lremovexattr, path, XATTRS_OWNER) && errno != ENODATA)
		return err_sys(e, "%s: cannot remove %s", name, XATTRS_OWNER);
	return RC_OK;
}

static int remove_acl(const char *dir, const char *name, struct err *e)
{
	if (syscall(SYS_lremovexattr, dir, name) && errno != ENODATA &&
	    errno != ENOTSUP)
		return err_sys(e, "%s: cannot remove %s", dir, name);
	return RC_OK;
}

int xattrs_remove_acls(const char *dir, struct err *e)
{
	int rc = remove_acl(dir, "system.posix_acl_default", e);

	return rc ? rc : remove_acl(dir, "system.posix_acl_access", e);
}
