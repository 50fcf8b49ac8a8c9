#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# kconfig.bats: the kernel has the options that it must have and none that it
# must not have, and check-config finds every way in which it could not.

bats_require_minimum_version 1.5.0

BUILD=${BUILD:-build}
check=kernel-config/check-config

setup()
{
	T=$BATS_TEST_TMPDIR
	F=$T/fragments
	mkdir -p "$F" "$T/source/drivers"
	# A small kernel, its fragments, and the configuration they make.
	printf 'config %s\n\tbool\n' A B C D > "$T/source/Kconfig"
	printf 'menuconfig E\nconfig STRING\n' > "$T/source/drivers/Kconfig.x"
	cat > "$F/one.config" <<'EOF2'
# A reason.
CONFIG_A=y
CONFIG_STRING="x y"
# CONFIG_B is not set
EOF2
	echo CONFIG_C=y > "$F/two.config"
	cat > "$T/config" <<'EOF2'
CONFIG_A=y
CONFIG_C=y
CONFIG_E=y
CONFIG_STRING="x y"
# CONFIG_B is not set
EOF2
	echo '# CONFIG_X y CONFIG_A comment' > "$T/exceptions"
}

# check_config [FRAGMENT...]: sets status, output (stdout) and stderr.
check_config()
{
	[ $# -gt 0 ] || set -- one two
	run --separate-stderr $check --source "$T/source" \
		--exceptions "$T/exceptions" --config "$T/config" \
		--dir "$F" "$@"
}

# Exactly these messages, each once, and exit code 3.
rejected()
{
	check_config
	echo "$stderr"
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[ "$stderr" = "$(printf 'check-config: %s\n' "$@")" ]
}

@test "as asked for" {
	check_config
	[ "$status" -eq 0 ]
	[ "$output" = "check-config: 4 options as asked for, 0 exceptions" ]
	[ -z "$stderr" ]
}

@test "usage" {
	run -2 $check
	run -2 $check --config "$T/config"
	run -2 $check --nonsense x one
	[[ $output == usage:* ]]
}

@test "an option that Kconfig dropped" {
	sed -i '/^CONFIG_C=/d' "$T/config"
	rejected 'CONFIG_C is not set, wanted y (two.config)'
	echo '# CONFIG_C is not set' >> "$T/config"
	rejected 'CONFIG_C is not set, wanted y (two.config)'
}

@test "an option that Kconfig selected" {
	echo 'CONFIG_B=y' >> "$T/config"
	rejected 'CONFIG_B is y, wanted not set (one.config)'
}

@test "another value than asked for" {
	sed -i 's/^CONFIG_STRING=.*/CONFIG_STRING="x"/; s/^CONFIG_A=y/CONFIG_A=m/' \
		"$T/config"
	rejected 'CONFIG_A is m, wanted y (one.config)' \
		'CONFIG_STRING is "x", wanted "x y" (one.config)'
}

@test "a misspelt option" {
	printf 'CONFIG_AA=y\n# CONFIG_BB is not set\n' >> "$F/two.config"
	rejected 'CONFIG_AA does not exist in this kernel (two.config)' \
		'CONFIG_AA is not set, wanted y (two.config)' \
		'CONFIG_BB does not exist in this kernel (two.config)'
}

@test "an option that is asked for twice, differently" {
	echo '# CONFIG_A is not set' >> "$F/two.config"
	rejected 'CONFIG_A is asked for twice, differently (two.config)' \
		'CONFIG_A is y, wanted not set (two.config)'
}

@test "an exception with its reason is accepted" {
	echo 'CONFIG_B=y' >> "$T/config"
	echo 'CONFIG_B y CONFIG_A it selects it' >> "$T/exceptions"
	check_config
	[ "$status" -eq 0 ]
	[[ $output == *", 1 exceptions" ]]
	# An option that is absent can force something too.
	echo 'CONFIG_B y !CONFIG_D it would forbid it' > "$T/exceptions"
	check_config
	[ "$status" -eq 0 ]
}

@test "an exception without need" {
	echo 'CONFIG_B y CONFIG_A it selects it' >> "$T/exceptions"
	rejected 'exception CONFIG_B is not needed: it is not set'
	echo 'CONFIG_A n CONFIG_C it forbids it' > "$T/exceptions"
	rejected 'exception CONFIG_A is not needed: it is y'
}

@test "an exception for what is as asked for" {
	echo 'CONFIG_A y CONFIG_C it selects it' >> "$T/exceptions"
	check_config
	echo "$stderr"
	[ "$status" -eq 3 ]
	[[ $stderr == "check-config: exception CONFIG_A is not needed: "* ]]
}

@test "an exception for what no fragment asks for" {
	echo 'CONFIG_E y CONFIG_C it selects it' >> "$T/exceptions"
	check_config
	echo "$stderr"
	[ "$status" -eq 3 ]
	[[ $stderr == "check-config: exception CONFIG_E: "* ]]
}

@test "an exception that nothing forces" {
	echo 'CONFIG_B=y' >> "$T/config"
	echo 'CONFIG_B y CONFIG_D it selects it' >> "$T/exceptions"
	rejected 'exception CONFIG_B: CONFIG_D does not force it'
	echo 'CONFIG_B y !CONFIG_A it would forbid it' > "$T/exceptions"
	rejected 'exception CONFIG_B: !CONFIG_A does not force it'
}

@test "an exception without a reason" {
	echo 'CONFIG_B=y' >> "$T/config"
	echo 'CONFIG_B y CONFIG_A' >> "$T/exceptions"
	rejected 'exception CONFIG_B gives no reason'
}

@test "fifteen exceptions pass, sixteen do not" {
	for n in $(seq 15); do
		printf 'config X%s\n' "$n" >> "$T/source/Kconfig"
		printf '# CONFIG_X%s is not set\n' "$n" >> "$F/two.config"
		printf 'CONFIG_X%s=y\n' "$n" >> "$T/config"
		printf 'CONFIG_X%s y CONFIG_A why\n' "$n" >> "$T/exceptions"
	done
	check_config
	[ "$status" -eq 0 ]
	[[ $output == *", 15 exceptions" ]]
	echo 'CONFIG_B=y' >> "$T/config"
	echo 'CONFIG_B y CONFIG_A why' >> "$T/exceptions"
	rejected 'more than 15 exceptions'
}

@test "files that are missing" {
	check_config one absent
	[ "$status" -ne 0 ]
	for f in config exceptions; do
		mv "$T/$f" "$T/away"
		check_config
		echo "$f: $status: $output $stderr"
		[ "$status" -ne 0 ]
		mv "$T/away" "$T/$f"
	done
}

# What a guest kernel of mote must have; KSPP's recommendations, and what the
# guests of AMD and Intel and unmodified servers need.
must_have="
64BIT SMP EFI EFI_STUB X86_X2APIC PARAVIRT INTEL_TDX_GUEST TDX_GUEST_DRIVER
AMD_MEM_ENCRYPT SEV_GUEST VIRT_DRIVERS TSM_REPORTS TSM_MEASUREMENTS
UNACCEPTED_MEMORY CONFIGFS_FS PCI PCI_MSI VIRTIO_PCI VIRTIO_BLK VIRTIO_NET
VSOCKETS VIRTIO_VSOCKETS BLK_DEV_DM DM_VERITY DM_CRYPT DM_INTEGRITY
BLK_DEV_INTEGRITY DM_INIT CRYPTO_AES CRYPTO_AES_NI_INTEL CRYPTO_XTS CRYPTO_GCM
CRYPTO_HMAC CRYPTO_SHA256 CRYPTO_SHA512 CRYPTO_AUTHENC EROFS_FS EROFS_FS_XATTR
EROFS_FS_SECURITY OVERLAY_FS TMPFS TMPFS_XATTR DEVTMPFS PROC_FS SYSFS CGROUPS
MEMCG CGROUP_PIDS CPUSETS NAMESPACES SECCOMP_FILTER INET IPV6 NF_TABLES UNIX
EPOLL SIGNALFD TIMERFD EVENTFD INOTIFY_USER MEMFD_CREATE
RANDOMIZE_BASE RANDOMIZE_MEMORY RANDOMIZE_KSTACK_OFFSET_DEFAULT
STACKPROTECTOR_STRONG STRICT_KERNEL_RWX VMAP_STACK HARDENED_USERCOPY
HARDENED_USERCOPY_DEFAULT_ON FORTIFY_SOURCE SLAB_FREELIST_RANDOM
SLAB_FREELIST_HARDENED SLAB_BUCKETS KMALLOC_PARTITION_CACHES
SHUFFLE_PAGE_ALLOCATOR INIT_ON_ALLOC_DEFAULT_ON INIT_ON_FREE_DEFAULT_ON
ZERO_CALL_USED_REGS LIST_HARDENED BUG_ON_DATA_CORRUPTION
SCHED_STACK_END_CHECK UBSAN UBSAN_BOUNDS UBSAN_TRAP PAGE_TABLE_CHECK
PAGE_TABLE_CHECK_ENFORCED RANDSTRUCT_FULL KSTACK_ERASE MITIGATION_SLS
X86_USER_SHADOW_STACK MSEAL_SYSTEM_MAPPINGS SECURITY SECURITY_LANDLOCK
SECURITY_YAMA SECURITY_DMESG_RESTRICT SECURITY_LOCKDOWN_LSM
SECURITY_LOCKDOWN_LSM_EARLY LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY
PROC_MEM_NO_FORCE STATIC_USERMODEHELPER LEGACY_VSYSCALL_NONE
BPF_UNPRIV_DEFAULT_OFF BPF_JIT_ALWAYS_ON IOMMU_DEFAULT_DMA_STRICT
PANIC_ON_OOPS NULL_TTY NULL_TTY_DEFAULT_CONSOLE EFI_DISABLE_RUNTIME CFI
CMDLINE_OVERRIDE VIRTIO_HARDEN_NOTIFICATION"

# Options with a value.
must_be='
PANIC_TIMEOUT=-1
DEFAULT_MMAP_MIN_ADDR=65536
STATIC_USERMODEHELPER_PATH=""
LSM="lockdown,landlock,yama"'

# What must not be in it. Names that kernel 7.3 does not know are left out:
# ACPI_CUSTOM_METHOD; PCSPKR is PCSPKR_PLATFORM.
must_not_have="
MODULES KEXEC KEXEC_FILE CRASH_DUMP HIBERNATION SUSPEND KPROBES FTRACE UPROBES
PERF_EVENTS DEBUG_FS KGDB PROC_KCORE PROC_VMCORE DEVMEM DEVPORT X86_MSR
X86_CPUID X86_IOPL_IOPERM NVRAM HPET IA32_EMULATION COMPAT X86_X32_ABI
MODIFY_LDT_SYSCALL X86_VSYSCALL_EMULATION IO_URING USERFAULTFD KCMP
BINFMT_MISC LEGACY_TIOCSTI LDISC_AUTOLOAD SGETMASK_SYSCALL SYSFS_SYSCALL
UEVENT_HELPER FW_LOADER_USER_HELPER COREDUMP KALLSYMS_ALL IKCONFIG MAGIC_SYSRQ
VIRTIO_PCI_LEGACY VIRTIO_PCI_ADMIN_LEGACY VIRTIO_MMIO
VIRTIO_MMIO_CMDLINE_DEVICES VIRTIO_BALLOON VIRTIO_MEM VIRTIO_INPUT
HW_RANDOM_VIRTIO NET_9P 9P_FS VIRTIO_FS FUSE_FS PAGE_REPORTING MEMORY_HOTPLUG
HOTPLUG_PCI PCI_QUIRKS PCI_IOV PCIEAER VFIO XEN HYPERV VMWARE_BALLOON
VMWARE_VMCI ACPI_TABLE_UPGRADE ACPI_PRMT ACPI_NFIT ACPI_APEI
ACPI_HOTPLUG_MEMORY ACPI_DEBUG ACPI_DEBUGGER ACPI_BGRT ACPI_DOCK ACPI_PCI_SLOT
EFI_CUSTOM_SSDT_OVERLAYS EFIVAR_FS EFI_MIXED EFI_HANDOVER_PROTOCOL
EFI_COCO_SECRET DMI DMIID SERIAL_8250 SERIO_I8042 RTC_DRV_CMOS USB SOUND DRM
FB VT INPUT_MISC WLAN BT ATA SCSI MMC PARPORT PCSPKR_PLATFORM WATCHDOG EDAC
THERMAL CPU_FREQ KVM_GUEST PTP_1588_CLOCK_KVM EXT4_FS XFS_FS BTRFS_FS VFAT_FS
ISO9660_FS SQUASHFS CIFS NFS_FS FS_ENCRYPTION DM_VERITY_FEC DM_SNAPSHOT
BLK_DEV_NBD"

# All fragments of the release kernel in one file.
release_fragments()
{
	for f in $(sed -n 's/^fragment //p' kernel-config/standalone.profile) \
		release; do
		cat "kernel-config/$f.config"
	done > "$T/release.config"
}

excepted() # NAME VALUE
{
	grep -q "^CONFIG_$1 $2 " kernel-config/exceptions
}

@test "every must-have is asked for" {
	release_fragments
	for name in $must_have; do
		grep -qx "CONFIG_$name=y" "$T/release.config" || echo "$name"
	done > "$T/missing"
	printf '%s\n' "$must_be" | sed '/./!d; s/^/CONFIG_/' |
		grep -vxFf "$T/release.config" >> "$T/missing" || :
	cat "$T/missing"
	[ ! -s "$T/missing" ]
}

@test "every must-not-have is asked to be absent" {
	release_fragments
	for name in $must_not_have; do
		grep -qx "# CONFIG_$name is not set" "$T/release.config" ||
			echo "$name"
	done > "$T/missing"
	cat "$T/missing"
	[ ! -s "$T/missing" ]
}

@test "the release kernel has and lacks them, but for the exceptions" {
	config=$BUILD/kernel/release/config
	for name in $must_have; do
		grep -qx "CONFIG_$name=y" "$config" ||
			excepted "$name" n || echo "lacks $name"
	done > "$T/wrong"
	for name in $must_not_have; do
		! grep -q "^CONFIG_$name=" "$config" ||
			excepted "$name" y || echo "has $name"
	done >> "$T/wrong"
	printf '%s\n' "$must_be" | sed '/./!d; s/^/CONFIG_/' |
		grep -vxFf "$config" >> "$T/wrong" || :
	cat "$T/wrong"
	[ ! -s "$T/wrong" ]
}

@test "both kernels are what the fragments say now" {
	source=$BUILD/kernel/work/source
	# The source is unpacked only where a kernel was built.
	[ -d "$source" ] || source=''
	for flavor in release debug; do
		# shellcheck disable=SC2046 # one word for each fragment
		run --separate-stderr $check --source "$source" \
			--exceptions kernel-config/exceptions \
			--config "$BUILD/kernel/$flavor/config" \
			--dir kernel-config $(sed -n 's/^fragment //p' \
			kernel-config/standalone.profile) $flavor
		echo "$flavor: $output $stderr"
		[ "$status" -eq 0 ]
	done
}
