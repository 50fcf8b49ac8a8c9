#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# pidns.bats: process 1 without a VM. A power-off by process 1 of a PID
# namespace ends unshare with 130 (128 + SIGINT); an exit with another code.

# Each test is a process of its own, and "run" sets output.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

POWERED_OFF=130
BUILD=${BUILD:-build}
TIMEOUT_SCALE=${TIMEOUT_SCALE:-1}

setup()
{
	T=$BATS_TEST_TMPDIR
	R=$T/root
	unshare --user --map-root-user --pid --mount --net --fork true ||
		skip "no user namespaces on this machine"
}

# Runs PROGRAM as process 1 with R as its root, mounted read-only if RO=1.
# Owner of everything is a user namespace: nothing outside is touched.
process_1() # PROGRAM
{
	status=0
	output=$(timeout $((30 * TIMEOUT_SCALE)) \
		unshare --user --map-root-user --pid --mount --net --ipc --uts \
		--fork --kill-child sh -c '
		mount --bind "$1" "$1" &&
		{ [ -z "$RO" ] || mount -o remount,bind,ro "$1"; } &&
		exec chroot "$1" "$2"' sh "$R" "$1" 2>&1) || status=$?
	echo "$output"
}

# What init finds in a guest, as plain files and folders.
fake_guest()
{
	mkdir -p "$R/.mote" "$R/dev" "$R/proc" "$R/sys/fs/cgroup/app" "$R/tmp" \
		"$R/run" "$R/etc" "$R/bin" "$R/data" "$R/sys/fs/cgroup/first"
	cp "$BUILD/tests/init-faults" "$R/.mote/init"
	cp /bin/busybox "$R/bin/busybox"
	mknod "$R/dev/null" c 1 3 2> /dev/null || : > "$R/dev/null"
	chmod 666 "$R/dev/null"
	for g in app first; do
		: > "$R/sys/fs/cgroup/$g/cgroup.procs"
		: > "$R/sys/fs/cgroup/$g/cgroup.kill"
	done
	printf '%s' 'dm-mod.create="x" root=/dev/dm-0 rootfstype=erofs ro' \
		' random.trust_bootloader=off page_alloc.shuffle=1' \
		' tsc=reliable hpet=disable' > "$R/proc/cmdline"
	# The table of init/sysctl.c.
	sed -nE 's/^\t\{"([a-z0-9_\/]+)", "[0-9]+"\},$/\1/p' init/sysctl.c |
		while read -r name; do
			mkdir -p "$R/proc/sys/$(dirname "$name")"
			: > "$R/proc/sys/$name"
		done
	configuration "$@"
}

# The workload is a script; a service before it has to get ready.
configuration()
{
	printf '%s\0' mote-config-1 hostname guest grace 1000 \
		tmpfs /data 4096 0755 0 0 \
		service first user 0 0 caps 0000000000000000 ready /tmp/ready \
		5000 arg /bin/busybox arg touch arg /tmp/ready \
		service app user 0 0 caps 0000000000000000 \
		arg /bin/busybox arg sh arg -c \
		arg "${1:-echo workload started; exit 42}" end \
		> "$R/.mote/config"
}

@test "the shipped init powers off when its first step fails" {
	mkdir -p "$R/.mote"
	cp "$BUILD/init/release/init" "$R/.mote/init"
	# There is no /proc to mount on.
	process_1 /.mote/init
	[ "$status" -eq $POWERED_OFF ]
	[[ $output =~ ^mote\ [0-9]+\.[0-9]{6}:\ fatal:\ mount\ /proc:\ No\ such\ file\ or\ directory$ ]]
}

@test "an ordinary exit looks different from a power-off" {
	mkdir -p "$R/bin"
	cp /bin/busybox "$R/bin/sh"
	ln -s sh "$R/bin/true"
	process_1 /bin/true
	[ "$status" -eq 0 ]
}

# Rows of the mount table that cannot work here, with the real mount(2).
real_mounts()
{
	[ -x "$BUILD/tests/init-mounts" ]
	mkdir -p "$R/.mote"
	cp "$BUILD/tests/init-mounts" "$R/.mote/init"
}

@test "a missing mount point, one after the other" {
	real_mounts
	process_1 /.mote/init
	[ "$status" -eq $POWERED_OFF ]
	[[ $output == *": fatal: mount /proc: No such file or directory" ]]
	mkdir "$R/proc"
	process_1 /.mote/init
	[ "$status" -eq $POWERED_OFF ]
	[[ $output == *": fatal: mount /sys: No such file or directory" ]]
	mkdir "$R/sys"
	process_1 /.mote/init
	[ "$status" -eq $POWERED_OFF ]
	[[ $output == *": fatal: mount /dev: No such file or directory" ]]
}

@test "a file in the place of a mount point" {
	real_mounts
	: > "$R/proc"
	process_1 /.mote/init
	[ "$status" -eq $POWERED_OFF ]
	[[ $output == *": fatal: mount /proc: Not a directory" ]]
}

@test "a mount that is not permitted" {
	real_mounts
	mkdir "$R/proc" "$R/sys" "$R/dev"
	# A user namespace may not mount devtmpfs.
	process_1 /.mote/init
	[ "$status" -eq $POWERED_OFF ]
	[[ $output == *": fatal: mount /dev: Operation not permitted" ]]
}

@test "the whole way to the end of the workload" {
	[ "$(id -u)" -eq 0 ] || skip "setgroups needs root"
	fake_guest
	as_root
	[ "$status" -eq $POWERED_OFF ]
	[[ $output == *"app| workload started"* ]]
	[[ $output == *": ready first"* ]]
	[[ $output == *": exit app code 42"* ]]
	[[ $output == *": poweroff code 42" ]]
}

# Without a user namespace, so that the services can be started; all mounts
# of init-faults are no-ops.
as_root()
{
	status=0
	rm -rf "$R/dev/pts" "$R/dev/shm" "$R/dev/mqueue" "$R"/dev/std* \
		"$R/dev/fd" "$R/tmp/ready"
	output=$(timeout -k 2 $((20 * TIMEOUT_SCALE)) \
		unshare --pid --mount --net --ipc --uts --fork --kill-child \
		--root="$R" /.mote/init 2>&1) || status=$?
}

@test "read-only /dev, missing directories, missing files" {
	fake_guest
	RO=1 process_1 /.mote/init
	[ "$status" -eq $POWERED_OFF ]
	[[ $output == *": fatal: mkdir /dev/pts: Read-only file system" ]]
	for path in dev sys/fs/cgroup proc/cmdline \
		proc/sys/kernel/kptr_restrict .mote/config; do
		rm -rf "$R"
		fake_guest
		rm -rf "${R:?}/$path"
		process_1 /.mote/init
		[ "$status" -eq $POWERED_OFF ]
		[[ $output == *": fatal: "*": No such file or directory" ]]
	done
}

@test "a command line or a configuration that is refused" {
	fake_guest
	echo ' init=/bin/sh' >> "$R/proc/cmdline"
	process_1 /.mote/init
	[ "$status" -eq $POWERED_OFF ]
	[[ $output == *": fatal: command line: denied word init=/bin/sh" ]]
	rm -rf "$R"
	fake_guest
	printf 'x' >> "$R/.mote/config"
	process_1 /.mote/init
	[ "$status" -eq $POWERED_OFF ]
	[[ $output == *": fatal: /.mote/config: record end: bytes after it" ]]
}

@test "each call of process 1 fails once: always a power-off" {
	[ "$(id -u)" -eq 0 ] || skip "setgroups needs root"
	fake_guest
	export COUNTS=/counts
	as_root
	[ "$status" -eq $POWERED_OFF ]
	sort "$R/counts" > "$T/counts"
	cat "$T/counts"
	[ "$(wc -l < "$T/counts")" -ge 15 ]
	unset COUNTS
	runs=0
	while read -r name count; do
		[ "$name" != reboot ] || continue
		for n in $(seq "$count"); do
			runs=$((runs + 1))
			FAULT=$name/$n as_root 3>&-
			[ "$status" -eq $POWERED_OFF ] || {
				echo "$name/$n ended with $status: $output"
				return 1
			}
			last=${output##*$'\n'}
			[[ $last =~ ^mote\ [0-9.]+:\ (fatal:\ |poweroff\ code\ ) ]] ||
				[[ $name =~ ^(write|clock_gettime)$ ]] || {
				echo "$name/$n: last line: $last"
				return 1
			}
		done < /dev/null
	done < "$T/counts"
	echo "$runs runs" >&3
	[ "$runs" -gt 100 ]
}

@test "calls that fail from some point on: always a power-off" {
	[ "$(id -u)" -eq 0 ] || skip "setgroups needs root"
	fake_guest 'exec /bin/busybox sleep 1'
	for fault in open/1+ open/40+ read/1+ read/50+ write/1+ close/20+ \
		waitpid/1+ poll/1+ kill/1+ clock_gettime/1+ stat/1+; do
		FAULT=$fault as_root 3>&-
		[ "$status" -eq $POWERED_OFF ] || {
			echo "$fault ended with $status: $output"
			return 1
		}
	done
}

@test "when even the power-off fails, process 1 exits (the kernel panics)" {
	fake_guest
	rm "$R/proc/cmdline"
	FAULT=reboot/1+ process_1 /.mote/init
	[ "$status" -eq 1 ]
	[[ $output == *": fatal: read /proc/cmdline: No such file or directory" ]]
}
