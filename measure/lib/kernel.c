/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel.c: the setup header of a bzImage, and what other files are.
 *
 * Linux Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"; the
 * protocol version that brought a field stands behind it:
 *
 *   1f1 u8 setup_sects, 1f4 u32 syssize (u16 before 2.04), 1fe u16 0xaa55,
 *   200 u16 jump, 202 "HdrS", 206 u16 version, 20e u16 kernel_version,
 *   211 u8 loadflags, 22c u32 initrd_addr_max 2.03, 236 u16 xloadflags 2.12,
 *   238 u32 cmdline_size 2.06, 248 u32 payload_offset 2.08, 24c u32
 *   payload_length 2.08, 258 u64 pref_address 2.10, 260 u32 init_size 2.10
 *
 * The second byte of the jump gives the end of the header. The file is
 * setup_sects + 1 sectors of 512 bytes, then syssize * 16 bytes of code, then
 * perhaps signatures.
 */
#include <inttypes.h>
#include <string.h>

#include "kernel.h"
#include "pe.h"
#include "rd.h"

enum {
	SECTOR = 512,
	OFF_SETUP_SECTS = 0x1f1,
	OFF_BOOT_FLAG = 0x1fe,
	OFF_HEADER = 0x202,
	LOOKED_AT = 8192,      /* by QEMU, for a multiboot header */
	MULTIBOOT_HEADER = 48, /* bytes that QEMU wants behind its magic */
};
#define MULTIBOOT_MAGIC 0x1badb002U

static uint32_t le32_at(const uint8_t *p, size_t n, uint64_t off)
{
	struct rd r = rd_of(p, n);

	rd_seek(&r, off);
	return rd_le32(&r);
}

static uint16_t le16_at(const uint8_t *p, size_t n, uint64_t off)
{
	struct rd r = rd_of(p, n);

	rd_seek(&r, off);
	return rd_le16(&r);
}

static uint8_t u8_at(const uint8_t *p, size_t n, uint64_t off)
{
	struct rd r = rd_of(p, n);

	rd_seek(&r, off);
	return rd_u8(&r);
}

static bool has_text(const uint8_t *p, size_t n, uint64_t off, const char *s,
		     size_t len)
{
	struct rd all = rd_of(p, n), r = rd_sub(&all, off, len);
	const uint8_t *found = rd_bytes(&r, len);

	return found && memcmp(found, s, len) == 0;
}

static bool is_bzimage(const uint8_t *p, size_t n)
{
	return le16_at(p, n, OFF_BOOT_FLAG) == 0xaa55 &&
	       has_text(p, n, OFF_HEADER, "HdrS", 4);
}

static bool is_pe(const uint8_t *p, size_t n)
{
	return has_text(p, n, 0, "MZ", 2) &&
	       has_text(p, n, le32_at(p, n, 0x3c), "PE\0", 4);
}

static bool is_multiboot(const uint8_t *p, size_t n)
{
	/* A shorter file is followed by zeros there. */
	for (size_t at = 0; at < n && at + MULTIBOOT_HEADER < LOOKED_AT;
	     at += 4) {
		uint32_t flags = le32_at(p, n, at + 4);
		uint32_t sum = le32_at(p, n, at + 8);

		if (le32_at(p, n, at) == MULTIBOOT_MAGIC &&
		    MULTIBOOT_MAGIC + flags + sum == 0)
			return true;
	}
	return false;
}

enum kernel_kind kernel_kind(const uint8_t *p, size_t n)
{
	if (n == 0)
		return KERNEL_EMPTY;
	if (is_bzimage(p, n))
		return KERNEL_BZIMAGE;
	if (is_multiboot(p, n))
		return KERNEL_MULTIBOOT;
	if (has_text(p, n, 0, "\177ELF", 4))
		return KERNEL_ELF;
	return is_pe(p, n) ? KERNEL_PE : KERNEL_OTHER;
}

const char *kernel_kind_name(enum kernel_kind kind)
{
	switch (kind) {
	case KERNEL_BZIMAGE:
		return "bzImage";
	case KERNEL_PE:
		return "PE";
	case KERNEL_MULTIBOOT:
		return "multiboot";
	case KERNEL_ELF:
		return "ELF";
	case KERNEL_EMPTY:
		return "empty";
	default:
		return "other";
	}
}

static void read_sizes(const uint8_t *p, size_t n, struct kernel *k)
{
	uint32_t sects = u8_at(p, n, OFF_SETUP_SECTS);
	uint32_t syssize = le32_at(p, n, 0x1f4);

	k->protocol = le16_at(p, n, 0x206);
	k->setup_sects = sects ? sects : 4;
	k->setup_size = (k->setup_sects + 1) * SECTOR;
	k->code_size =
		16ULL * (k->protocol < 0x204 ? syssize & 0xffff : syssize);
	k->header_end = OFF_HEADER + u8_at(p, n, 0x201);
}

/* Where the last field ends that a protocol version has. */
static uint32_t fields_end(uint16_t protocol)
{
	static const struct {
		uint16_t protocol;
		uint16_t end;
	} rows[] = {
		{0x20f, 0x26c}, {0x20b, 0x268}, {0x20a, 0x264}, {0x209, 0x258},
		{0x208, 0x250}, {0x207, 0x248}, {0x206, 0x23c}, {0x205, 0x235},
		{0x203, 0x230}, {0x202, 0x22c}, {0x201, 0x226}, {0x200, 0x224},
	};
	size_t i = 0;

	while (protocol < rows[i].protocol)
		i++;
	return rows[i].end;
}

static int check_sizes(size_t n, const struct kernel *k, struct err *e)
{
	/* The smallest setup has room for the largest header. */
	if (k->setup_size > n)
		return err_set(e, RC_FORMAT,
			       "setup of %" PRIu32
			       " bytes is longer than the file of %zu",
			       k->setup_size, n);
	if (k->protocol >> 8 != 2)
		return err_set(e, RC_UNSUPPORTED,
			       "boot protocol %d.%02d is not 2.x",
			       k->protocol >> 8, k->protocol & 0xff);
	if (k->header_end < fields_end(k->protocol))
		return err_set(e, RC_FORMAT,
			       "setup header ends at 0x%" PRIx32
			       ", protocol %d.%02d needs 0x%" PRIx32,
			       k->header_end, k->protocol >> 8,
			       k->protocol & 0xff, fields_end(k->protocol));
	if (k->code_size > n - k->setup_size)
		return err_set(e, RC_FORMAT,
			       "cut off: %" PRIu64 " bytes of code, but %zu "
			       "behind the setup",
			       k->code_size, n - k->setup_size);
	return RC_OK;
}

static void read_fields(const uint8_t *p, size_t n, struct kernel *k)
{
	uint16_t has = k->protocol;

	k->loadflags = u8_at(p, n, 0x211);
	if (has >= 0x203)
		k->initrd_addr_max = le32_at(p, n, 0x22c);
	if (has >= 0x206)
		k->cmdline_size = le32_at(p, n, 0x238);
	if (has >= 0x208) {
		k->payload_offset = le32_at(p, n, 0x248);
		k->payload_length = le32_at(p, n, 0x24c);
	}
	if (has >= 0x20a) {
		k->pref_address = le32_at(p, n, 0x258) |
				  (uint64_t)le32_at(p, n, 0x25c) << 32;
		k->init_size = le32_at(p, n, 0x260);
	}
	if (has >= 0x20c)
		k->xloadflags = le16_at(p, n, 0x236);
	k->has_efi_stub = is_pe(p, n);
}

/* Offset from 0x200 of a string in the setup; 0: none. */
static int read_version(const uint8_t *p, size_t n, struct kernel *k,
			struct err *e)
{
	uint32_t at = le16_at(p, n, 0x20e);
	struct rd r = rd_of(p, k->setup_size);
	size_t len = 0;

	if (at == 0)
		return RC_OK;
	rd_seek(&r, (uint64_t)at + SECTOR);
	if (r.failed)
		return err_set(e, RC_FORMAT,
			       "kernel version at 0x%" PRIx32
			       " is outside of the setup of 0x%" PRIx32
			       " bytes",
			       at + SECTOR, k->setup_size);
	for (; len < KERNEL_MAX_VERSION; len++) {
		uint8_t c = rd_u8(&r);

		if (r.failed)
			break;
		k->version[len] = '\0';
		if (c == '\0')
			return RC_OK;
		k->version[len] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	return err_set(e, RC_FORMAT,
		       "kernel version at 0x%" PRIx32
		       " does not end within %zu bytes",
		       at + SECTOR, len);
}

int kernel_parse(const uint8_t *p, size_t n, struct kernel *k, struct err *e)
{
	int rc;

	memset(k, 0, sizeof(*k));
	if (!is_bzimage(p, n))
		return err_set(e, RC_FORMAT,
			       "no bzImage: no 0xaa55 at 0x1fe with HdrS at "
			       "0x202");
	read_sizes(p, n, k);
	rc = check_sizes(n, k, e);
	if (rc)
		return rc;
	read_fields(p, n, k);
	if ((uint64_t)k->payload_offset + k->payload_length > n - k->setup_size)
		return err_set(e, RC_FORMAT,
			       "payload of %" PRIu32 " bytes at 0x%" PRIx32
			       " ends behind the code of %zu bytes",
			       k->payload_length, k->payload_offset,
			       n - k->setup_size);
	return read_version(p, n, k, e);
}

static const char *stub_warning(const uint8_t *p, size_t n)
{
	struct pe pe;
	struct err e = {""};

	if (!is_pe(p, n))
		return "the kernel has no EFI stub: firmware cannot start it";
	if (pe_parse(p, n, &pe, &e))
		return "the kernel's PE headers are malformed: firmware "
		       "cannot start it";
	if (pe.machine != PE_MACHINE_X86_64)
		return "the kernel is for another machine than x86-64";
	return NULL;
}

const char *kernel_hash_warning(const uint8_t *p, size_t n)
{
	uint32_t sects = u8_at(p, n, OFF_SETUP_SECTS);

	switch (kernel_kind(p, n)) {
	case KERNEL_EMPTY:
		return "the kernel file is empty: QEMU does not start with it";
	case KERNEL_MULTIBOOT:
		return "the kernel is a multiboot file: QEMU adds no hash "
		       "table for it";
	case KERNEL_ELF:
		return "the kernel is an ELF file: QEMU adds no hash table "
		       "for it";
	case KERNEL_OTHER:
		return "the kernel is neither a bzImage nor a PE program: "
		       "firmware cannot start it";
	default:
		break;
	}
	if (((sects ? sects : 4) + 1) * SECTOR > n)
		return "the kernel is shorter than its setup: QEMU does not "
		       "start with it";
	return stub_warning(p, n);
}
