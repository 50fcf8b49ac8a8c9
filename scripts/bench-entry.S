/* SPDX-License-Identifier: Apache-2.0 */
/* bench-entry.S: a "kernel" that only says at which tick it got control. The
 * firmware loads it like any other (Documentation/arch/x86/boot.rst), so this
 * is also the tick of a real kernel's first instruction on the same machine.
 */
	.code16
	.text
	.globl _start
_start:
	.org 0x1f1
	.byte 1				/* setup sectors after this one */
	.word 0
	.long 32			/* size of the rest in 16 bytes */
	.word 0, 0, 0
	.word 0xaa55

	.org 0x200			/* the entry */
	jmp entry
	.ascii "HdrS"
	.word 0x020c			/* protocol 2.12 */
	.long 0
	.word 0, 0
	.byte 0
	.byte 1				/* loaded at 1 MiB */
	.word 0
	.long 0x100000
	.long 0, 0, 0
	.word 0
	.byte 0, 0
	.long 0
	.long 0x7fffffff		/* highest address of an initrd */
	.long 0x200000, 0
	.word 0
	.long 2047			/* longest command line */
	.org 0x280

entry:
	rdtsc
	mov %eax, %ebx
	call send
	mov %edx, %ebx
	call send
	mov $0xcf9, %dx			/* reset: QEMU ends, see -no-reboot */
	mov $0x0e, %al
	out %al, %dx
1:	hlt
	jmp 1b

/* The 4 bytes of ebx, lowest first, to QEMU's debug port. */
send:
	mov $4, %cx
2:	mov %bl, %al
	out %al, $0xe9
	shr $8, %ebx
	loop 2b
	ret

	.org 0x600
