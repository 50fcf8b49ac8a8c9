/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c: test workload; tries what must be absent from the guest kernel. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each call is made so that a kernel that has it would not say ENOSYS. */
static const struct {
	const char *name;
	long number;
	long arg[5];
} calls[] = {
	{"io_uring_setup", 425, {1, 0, 0, 0, 0}},
	{"io_uring_enter", 426, {-1, 0, 0, 0, 0}},
	{"userfaultfd", SYS_userfaultfd, {0, 0, 0, 0, 0}},
	{"kexec_load", SYS_kexec_load, {0, 0, 0, 0, 0}},
	{"kexec_file_load", SYS_kexec_file_load, {-1, -1, 0, 0, 0}},
	{"bpf", SYS_bpf, {0, 0, 0, 0, 0}},
	{"init_module", SYS_init_module, {0, 0, 0, 0, 0}},
	{"finit_module", SYS_finit_module, {-1, 0, 0, 0, 0}},
	{"delete_module", SYS_delete_module, {0, 0, 0, 0, 0}},
	{"ioperm", SYS_ioperm, {0x80, 1, 1, 0, 0}},
	{"iopl", SYS_iopl, {3, 0, 0, 0, 0}},
	{"modify_ldt", SYS_modify_ldt, {0, 0, 0, 0, 0}},
	{"kcmp", SYS_kcmp, {1, 1, 0, 0, 0}},
	{"swapon", SYS_swapon, {0, 0, 0, 0, 0}},
};

static const char *const paths[] = {
	"/dev/mem",
	"/dev/port",
	"/dev/kmem",
	"/dev/hpet",
	"/dev/nvram",
	"/dev/cpu/0/msr",
	"/dev/cpu/0/cpuid",
	"/dev/kvm",
	"/dev/fuse",
	"/dev/userfaultfd",
	"/dev/rtc0",
	"/dev/ptp0",
	"/dev/hwrng",
	"/dev/ttyS0",
	"/dev/tty0",
	"/dev/hvc0",
	"/dev/input",
	"/proc/kcore",
	"/proc/modules",
	"/proc/kallsyms",
	"/proc/config.gz",
	"/proc/sysrq-trigger",
	"/sys/module/kvm",
	"/sys/kernel/debug/sched",
	"/sys/kernel/tracing/trace",
	"/sys/firmware/dmi",
	"/sys/firmware/efi/efivars",
	"/proc/sys/kernel/modprobe",
	"/proc/sys/kernel/core_pattern",
};

int main(void)
{
	size_t nr_calls = sizeof(calls) / sizeof(calls[0]);
	size_t nr_paths = sizeof(paths) / sizeof(paths[0]);
	int found = 0;

	for (size_t i = 0; i < nr_calls; i++) {
		const long *a = calls[i].arg;
		long r = syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4]);

		if (r < 0 && errno == ENOSYS)
			continue;
		printf("present: system call %s (%s)\n", calls[i].name,
		       r < 0 ? strerror(errno) : "success");
		found++;
	}
	for (size_t i = 0; i < nr_paths; i++) {
		struct stat st;

		if (lstat(paths[i], &st) < 0 && errno == ENOENT)
			continue;
		printf("present: %s\n", paths[i]);
		found++;
	}
	printf("%zu system calls and %zu paths tried, %d present\n", nr_calls,
	       nr_paths, found);
	return found != 0;
}
