/* SPDX-License-Identifier: Apache-2.0 */
/* kernel.h: what a kernel file says of itself. */
#ifndef MOTE_KERNEL_H
#define MOTE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/*
 * What -kernel is given. QEMU hashes any file, but does not treat all alike:
 * an ELF or multiboot file takes a path without a hash table.
 */
enum kernel_kind {
	KERNEL_BZIMAGE,	  /* Linux boot protocol, with or without EFI stub */
	KERNEL_PE,	  /* a PE program that is no bzImage */
	KERNEL_MULTIBOOT, /* may be ELF too */
	KERNEL_ELF,
	KERNEL_EMPTY,
	KERNEL_OTHER,
};

/* Looks at the first 8 KiB, as QEMU does (hw/i386/x86-common.c). */
enum kernel_kind kernel_kind(const uint8_t *p, size_t n);

/* "bzImage", "PE", "multiboot", "ELF", "empty", "other" */
const char *kernel_kind_name(enum kernel_kind kind);

enum {
	KERNEL_LOADED_HIGH = 0x01, /* bit of loadflags */
	KERNEL_XLF_64 = 0x01,	   /* bit of xloadflags: 64-bit entry */
};

enum { KERNEL_MAX_VERSION = 256 }; /* bytes of the version, with its NUL */

/*
 * The setup header. A field that the protocol version does not have yet is
 * zero; sizes and offsets are bytes.
 */
struct kernel {
	uint16_t protocol;    /* 0x020f: 2.15 */
	uint32_t setup_size;  /* boot sector and setup, in front of the code */
	uint32_t setup_sects; /* as used: 0 in the file means 4 */
	uint64_t code_size;   /* of the protected mode code: syssize * 16 */
	uint32_t header_end;  /* offset in the file */
	uint8_t loadflags;
	uint16_t xloadflags;
	uint32_t initrd_addr_max, cmdline_size, init_size;
	uint32_t payload_offset, payload_length; /* in the code */
	uint64_t pref_address;
	bool has_efi_stub;		  /* the file begins as a PE program */
	char version[KERNEL_MAX_VERSION]; /* printable ASCII; "" if none */
};

/*
 * Reads the setup header of a bzImage (Linux, Documentation/arch/x86/boot.rst);
 * no pointer into the file is kept. Anything else, a file that is cut off,
 * and offsets outside of it are RC_FORMAT; a boot protocol other than 2.x is
 * RC_UNSUPPORTED.
 */
int kernel_parse(const uint8_t *p, size_t n, struct kernel *k, struct err *e);

/*
 * NULL, or one line (a constant) that says why a VM that is measured with this
 * file as its kernel would not start it: QEMU, hw/i386/x86-common.c, and
 * firmware that starts the EFI stub.
 */
const char *kernel_hash_warning(const uint8_t *p, size_t n);

#endif
